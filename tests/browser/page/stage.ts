/** The elements that play what arrives: one for each remote track, as an app would have them. */

import type { RemoteTrack } from 'livekit-client';
import { PitchMeter } from './media.ts';

/** The frames that a video showed since it was last asked. */
export interface Shown {
  frames: number;
  seconds: number;
  /** The longest time that one frame stood still. */
  longestMs: number;
}

/** Of all videos that show one picture, one after another. */
class FrameWatch {
  #begin = performance.now();
  #last = this.#begin;
  #longest = 0;
  #frames = 0;

  follow(video: HTMLVideoElement): void {
    const frame = (now: number) => {
      this.#longest = Math.max(this.#longest, now - this.#last);
      this.#last = now;
      this.#frames += 1;
      video.requestVideoFrameCallback(frame);
    };
    video.requestVideoFrameCallback(frame);
  }

  take(): Shown {
    const now = performance.now();
    const shown = {
      frames: this.#frames,
      seconds: (now - this.#begin) / 1000,
      longestMs: Math.max(this.#longest, now - this.#last),
    };
    this.#begin = now;
    this.#frames = this.#longest = 0;
    return shown;
  }
}

export class Stage {
  readonly #meters = new Map<string, PitchMeter>();
  readonly #videos = new Map<string, HTMLVideoElement>();
  readonly #watches = new Map<string, FrameWatch>();
  readonly firstVideo: Promise<HTMLVideoElement>;
  #gotVideo: (video: HTMLVideoElement) => void = () => {};

  constructor() {
    this.firstVideo = new Promise((resolve) => {
      this.#gotVideo = resolve;
    });
  }

  /** `picture` stays when the track gets another sid, as its participant joins anew. */
  play(sid: string, track: RemoteTrack, picture: string): void {
    const element = track.attach();
    document.body.append(element);
    if (element instanceof HTMLVideoElement) {
      // Unmuted audio may start by itself here, but only a muted video does so everywhere.
      element.muted = true;
      element.style.cssText = 'width: 320px; height: 180px';
      this.#videos.set(sid, element);
      const watch = this.#watches.get(picture) ?? new FrameWatch();
      this.#watches.set(picture, watch);
      watch.follow(element);
      this.#gotVideo(element);
    } else {
      this.#meters.set(sid, new PitchMeter(track.mediaStreamTrack));
    }
  }

  remove(sid: string, track: RemoteTrack): void {
    for (const element of track.detach()) element.remove();
    this.#meters.delete(sid);
    this.#videos.delete(sid);
  }

  video(sid: string): HTMLVideoElement | undefined {
    return this.#videos.get(sid);
  }

  shown(picture: string): Shown | undefined {
    return this.#watches.get(picture)?.take();
  }

  hertz(sid: string): number {
    return this.#meters.get(sid)?.hertz() ?? 0;
  }
}
