import type { EventEmitter } from 'node:events';

import {
  AudioFrame,
  AudioSource,
  AudioStream,
  dispose,
  LocalAudioTrack,
  type LocalTrackPublication,
  type RemoteTrack,
  type RemoteTrackPublication,
  Room,
  RoomEvent,
  type RoomOptions,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { vi } from 'vitest';

import type { Server } from './server.js';
import { joinToken, type TokenOptions } from './tokens.js';

const WAIT_MS = 30_000;
const HEAR_LIMIT_MS = 60_000;

export interface Joining extends TokenOptions {
  options?: Partial<RoomOptions>;
  /** Instead of a token made of the rest. */
  token?: string;
}

const open = new Set<Room>();

/** A real client of the SDK, in the room. `leaveAll` ends what the test leaves behind. */
export async function connect(
  server: Server,
  room: string,
  identity: string,
  { options, token, ...rest }: Joining = {},
): Promise<Room> {
  const client = new Room();
  await client.connect(server.wsUrl, token ?? (await joinToken(room, identity, rest)), {
    autoSubscribe: true,
    dynacast: false,
    ...options,
  });
  open.add(client);
  return client;
}

export async function leaveAll(): Promise<void> {
  const rooms = [...open];
  open.clear();
  await Promise.all(rooms.map((room) => room.disconnect()));
}

/** Ends the native library, so that this process can end. */
export const closeLibrary = dispose;

/** The arguments of the next event that fits. To be called before what causes it. */
export function nextEvent<Arguments extends unknown[]>(
  room: Room,
  event: RoomEvent,
  fits: (...args: Arguments) => boolean = () => true,
): Promise<Arguments> {
  const emitter = room as unknown as EventEmitter;
  return new Promise((resolve, reject) => {
    const listener = (...args: unknown[]) => {
      if (!fits(...(args as Arguments))) return;
      clearTimeout(timer);
      emitter.off(event, listener);
      resolve(args as Arguments);
    };
    const timer = setTimeout(() => {
      emitter.off(event, listener);
      reject(new Error(`no ${event} in time`));
    }, WAIT_MS);
    emitter.on(event, listener);
  });
}

/** Tries again until it passes: for states that no event tells of. */
export const eventually = <T>(check: () => T | Promise<T>, waitMs = WAIT_MS): Promise<T> =>
  vi.waitFor(check, { timeout: waitMs, interval: 20 });

/** Waits for a subscription to a track of this participant, past or to come. */
export function receivedTrack(
  room: Room,
  identity: string,
  fits: (publication: RemoteTrackPublication) => boolean = () => true,
): Promise<RemoteTrack> {
  return eventually(() => {
    const publications = room.remoteParticipants.get(identity)?.trackPublications.values() ?? [];
    for (const publication of publications) {
      if (publication.track && fits(publication)) return publication.track;
    }
    throw new Error(`no track of ${identity}`);
  });
}

/** A sine on each channel, published as a microphone until it is stopped. */
export class Tone {
  readonly track: LocalAudioTrack;
  private readonly source: AudioSource;
  private readonly rate: number;
  private readonly frequencies: number[];
  private stopped = false;
  private pump: Promise<void> | undefined;

  /** One frequency per channel, in hertz. */
  constructor(rate: number, frequencies: number[]) {
    this.rate = rate;
    this.frequencies = frequencies;
    this.source = new AudioSource(rate, frequencies.length);
    this.track = LocalAudioTrack.createAudioTrack('tone', this.source);
  }

  async publish(room: Room): Promise<LocalTrackPublication> {
    const options = new TrackPublishOptions();
    options.source = TrackSource.SOURCE_MICROPHONE;
    const participant = room.localParticipant;
    if (!participant) throw new Error('not connected');
    const publication = await participant.publishTrack(this.track, options);
    this.pump = this.play();
    return publication;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.pump;
    await this.source.close();
  }

  private async play(): Promise<void> {
    const channels = this.frequencies.length;
    const length = this.rate / 100;
    for (let at = 0; !this.stopped; at += length) {
      const frame = AudioFrame.create(this.rate, channels, length);
      this.frequencies.forEach((frequency, channel) => {
        for (let i = 0; i < length; i += 1) {
          const phase = (2 * Math.PI * frequency * (at + i)) / this.rate;
          frame.data[i * channels + channel] = 12_000 * Math.sin(phase);
        }
      });
      // The source takes a second's worth at most, and makes us wait for the rest.
      await this.source.captureFrame(frame);
    }
  }
}

/** Listens for this long, from the first sound on; answers the samples of each channel. */
async function listen(
  track: RemoteTrack,
  rate: number,
  channels: number,
  seconds: number,
): Promise<Int16Array[]> {
  const reader = new AudioStream(track, rate, channels).getReader();
  const wanted = rate * seconds;
  const heard = Array.from({ length: channels }, () => new Int16Array(wanted));
  let at = 0;
  try {
    while (at < wanted) {
      const { value, done } = await reader.read();
      if (done) throw new Error('the track ended');
      if (at === 0 && value.data.every((sample) => Math.abs(sample) < 500)) continue;
      for (let i = 0; i < value.samplesPerChannel && at < wanted; i += 1, at += 1) {
        for (let channel = 0; channel < channels; channel += 1) {
          const samples = heard[channel];
          if (samples) samples[at] = value.data[i * channels + channel] ?? 0;
        }
      }
    }
  } finally {
    // The stream of a track that has gone cannot be cancelled any more.
    await reader.cancel().catch(() => undefined);
  }
  return heard;
}

/** How far off the frequency of a tone may be, and how much of the whole it has to be. */
const HERTZ_OFF = 6;
const SHARE = 0.5;

/**
 * Listens until each channel clearly carries its tone. A busy machine tears gaps into what it plays
 * and stretches what it hears, so it may take more than one try.
 */
export async function hears(
  room: Room,
  identity: string,
  tones: number[],
  rate = 48_000,
): Promise<void> {
  await eventually(async () => {
    const heard = await listen(await receivedTrack(room, identity), rate, tones.length, 0.4);
    for (const [channel, samples] of heard.entries()) {
      const { hertz, share } = strongestTone(samples, rate);
      if (Math.abs(hertz - (tones[channel] ?? 0)) > HERTZ_OFF || share < SHARE) {
        throw new Error(`channel ${channel} carries ${hertz} Hz, ${share} of it all`);
      }
    }
  }, HEAR_LIMIT_MS);
}

/** The strongest frequency below 1 kHz, to 2 Hz; and how much of the whole signal it is, 0 to 1. */
function strongestTone(samples: Int16Array, rate: number): { hertz: number; share: number } {
  let total = 0;
  for (const sample of samples) total += sample * sample;
  let best = { hertz: 0, share: 0 };
  for (let hertz = 20; hertz <= 1000; hertz += 2) {
    const share = (2 * power(samples, rate, hertz)) / (samples.length * Math.max(total, 1));
    if (share > best.share) best = { hertz, share };
  }
  return best;
}

/** Goertzel's algorithm. */
function power(samples: Int16Array, rate: number, hertz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / rate);
  let [before, last] = [0, 0];
  for (const sample of samples) [before, last] = [last, sample + coefficient * last - before];
  return before * before + last * last - coefficient * before * last;
}

export { Room, RoomEvent };
