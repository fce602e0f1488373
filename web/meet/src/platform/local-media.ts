/**
 * Camera and microphone before the meeting: asked for, switched, exchanged, and handed over to the
 * room at the end without letting go of them, so that the picture does not blink.
 */

import { Store } from '../lib/store';
import type { MediaProblem } from '../model/problems';
import { acquire, type DeviceWish, type MediaKind, type MediaPort } from './acquire';

/** A prompt that is not answered in this time was probably not seen. */
export const PROMPT_PATIENCE_MS = 4000;

export interface MediaSide {
  /** What the person wants, which may differ from what could be had. */
  on: boolean;
  track: MediaStreamTrack | undefined;
  problem: MediaProblem | undefined;
}

export interface LocalMediaState {
  /** The browser is asking the person, or opening the devices. */
  asking: boolean;
  /** It has been asking for so long that help is due. */
  unanswered: boolean;
  audio: MediaSide;
  video: MediaSide;
}

export interface Handover {
  audio: MediaStreamTrack | undefined;
  video: MediaStreamTrack | undefined;
  microphoneOn: boolean;
  cameraOn: boolean;
}

export interface LocalMediaOptions {
  port: MediaPort;
  wishOf(kind: MediaKind): DeviceWish;
  microphoneOn: boolean;
  cameraOn: boolean;
}

const KINDS: readonly MediaKind[] = ['audio', 'video'];
const CLOSED: MediaSide = { on: false, track: undefined, problem: undefined };

export class LocalMedia {
  readonly store: Store<LocalMediaState>;
  readonly #options: LocalMediaOptions;
  #openRequests = 0;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: LocalMediaOptions) {
    this.#options = options;
    this.store = new Store<LocalMediaState>({
      asking: false,
      unanswered: false,
      audio: { ...CLOSED, on: options.microphoneOn },
      video: { ...CLOSED, on: options.cameraOn },
    });
  }

  get state(): LocalMediaState {
    return this.store.value;
  }

  /** Opens what is wanted and not open yet. */
  async start(): Promise<void> {
    const kinds = KINDS.filter((kind) => this.state[kind].on && !this.state[kind].track);
    await this.#open(kinds, (kind) => this.#options.wishOf(kind));
  }

  /** Tries once more what failed for this reason, which may be gone. */
  async retry(reason: MediaProblem): Promise<void> {
    if (this.state.asking) return;
    const kinds = KINDS.filter((kind) => {
      const side = this.state[kind];
      return side.on && !side.track && side.problem === reason;
    });
    await this.#open(kinds, (kind) => this.#options.wishOf(kind));
  }

  /** A muted microphone stays open for the meter; a camera that is off is really off. */
  async toggle(kind: MediaKind): Promise<void> {
    const side = this.state[kind];
    const on = !side.on;
    if (kind === 'video' && !on) {
      side.track?.stop();
      this.#set(kind, { on, track: undefined });
      return;
    }
    if (side.track) side.track.enabled = on;
    this.#set(kind, { on });
    if (on && !side.track) await this.start();
  }

  /** Takes the device that `wishOf` names now. */
  async reopen(kind: MediaKind): Promise<void> {
    this.#drop(kind);
    if (this.state[kind].on) await this.#open([kind], () => this.#options.wishOf(kind));
  }

  /** Gives the tracks away; from here on they belong to the meeting. */
  handOver(): Handover {
    const { audio, video } = this.state;
    this.#close();
    return {
      audio: audio.track,
      video: video.track,
      microphoneOn: audio.on && audio.track !== undefined,
      cameraOn: video.on && video.track !== undefined,
    };
  }

  /** Closes the devices, unless they were handed over. */
  stop(): void {
    if (this.#closed) return;
    this.state.audio.track?.stop();
    this.state.video.track?.stop();
    this.#close();
  }

  #close(): void {
    this.#closed = true;
    clearTimeout(this.#patience);
  }

  async #open(kinds: readonly MediaKind[], wishOf: (kind: MediaKind) => DeviceWish) {
    if (kinds.length === 0 || this.#closed) return;
    this.#beginAsking();
    const wishes = Object.fromEntries(kinds.map((kind) => [kind, wishOf(kind)]));
    const { tracks, problems } = await acquire(this.#options.port, wishes);
    this.#endAsking();
    for (const kind of kinds) {
      const track = tracks[kind];
      if (track) this.#take(kind, track);
      else this.#set(kind, { problem: problems[kind] ?? 'unknown' });
    }
  }

  #take(kind: MediaKind, track: MediaStreamTrack): void {
    const side = this.state[kind];
    // The person may have changed their mind, or left, while the browser was asking.
    if (this.#closed || side.track || (kind === 'video' && !side.on)) {
      track.stop();
      return;
    }
    track.enabled = side.on;
    track.addEventListener('ended', () => void this.#replaceEnded(kind, track), { once: true });
    this.#set(kind, { track, problem: undefined });
  }

  /** The device went away: move to the default one. */
  async #replaceEnded(kind: MediaKind, track: MediaStreamTrack): Promise<void> {
    if (this.#closed || this.state[kind].track !== track) return;
    this.#set(kind, { track: undefined });
    if (this.state[kind].on) await this.#open([kind], () => ({}));
  }

  #drop(kind: MediaKind): void {
    const track = this.state[kind].track;
    this.#set(kind, { track: undefined, problem: undefined });
    track?.stop();
  }

  #set(kind: MediaKind, change: Partial<MediaSide>): void {
    this.store.update({ [kind]: { ...this.state[kind], ...change } });
  }

  #beginAsking(): void {
    this.#openRequests += 1;
    this.store.update({ asking: true });
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.store.update({ unanswered: true }), PROMPT_PATIENCE_MS);
  }

  #endAsking(): void {
    this.#openRequests -= 1;
    if (this.#openRequests > 0) return;
    clearTimeout(this.#patience);
    this.store.update({ asking: false, unanswered: false });
  }
}
