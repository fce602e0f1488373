/** The elements that play what arrives: one for each remote track, as an app would have them. */

import type { RemoteTrack } from 'livekit-client';
import { PitchMeter } from './media.ts';

export class Stage {
  readonly #meters = new Map<string, PitchMeter>();
  readonly #videos = new Map<string, HTMLVideoElement>();
  readonly firstVideo: Promise<HTMLVideoElement>;
  #gotVideo: (video: HTMLVideoElement) => void = () => {};

  constructor() {
    this.firstVideo = new Promise((resolve) => {
      this.#gotVideo = resolve;
    });
  }

  play(sid: string, track: RemoteTrack): void {
    const element = track.attach();
    document.body.append(element);
    if (element instanceof HTMLVideoElement) {
      // Unmuted audio may start by itself here, but only a muted video does so everywhere.
      element.muted = true;
      element.style.cssText = 'width: 320px; height: 180px';
      this.#videos.set(sid, element);
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

  hertz(sid: string): number {
    return this.#meters.get(sid)?.hertz() ?? 0;
  }
}
