/** Stand-ins for the browser's media classes, which neither node nor jsdom has. */

import type { MediaKind, MediaPort } from '../platform/acquire';

export class FakeTrack extends EventTarget {
  enabled = true;
  readyState: MediaStreamTrackState = 'live';
  readonly kind: MediaKind;
  readonly #deviceId: string;

  constructor(kind: MediaKind, deviceId = `${kind}-default`) {
    super();
    this.kind = kind;
    this.#deviceId = deviceId;
  }

  getSettings(): MediaTrackSettings {
    return { deviceId: this.#deviceId };
  }

  stop(): void {
    this.readyState = 'ended';
  }

  /** What happens when somebody pulls the plug. */
  unplug(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
  }
}

export function fakeStream(...tracks: FakeTrack[]): MediaStream {
  const of = (kind: MediaKind) => () => tracks.filter((track) => track.kind === kind);
  return {
    getAudioTracks: of('audio'),
    getVideoTracks: of('video'),
    getTracks: () => tracks,
  } as unknown as MediaStream;
}

export type FakeOutcome = FakeTrack[] | { name: string; message?: string };

/** Answers each question by a rule, and writes the questions down. */
export class FakeMediaPort implements MediaPort {
  readonly asked: MediaStreamConstraints[] = [];
  permissions: Partial<Record<MediaKind, PermissionState>> = {};
  answer: (constraints: MediaStreamConstraints) => FakeOutcome | Promise<FakeOutcome>;

  constructor(
    answer?: (constraints: MediaStreamConstraints) => FakeOutcome | Promise<FakeOutcome>,
  ) {
    this.answer = answer ?? grantAll;
  }

  async getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream> {
    this.asked.push(constraints);
    const outcome = await this.answer(constraints);
    if (!Array.isArray(outcome)) throw { message: '', ...outcome };
    return fakeStream(...outcome);
  }

  async permission(kind: MediaKind): Promise<PermissionState | 'unknown'> {
    return this.permissions[kind] ?? 'unknown';
  }
}

export function grantAll(constraints: MediaStreamConstraints): FakeTrack[] {
  return (['audio', 'video'] as const).flatMap((kind) => {
    const wanted = constraints[kind];
    return wanted ? [new FakeTrack(kind, deviceOf(wanted) ?? `${kind}-default`)] : [];
  });
}

function deviceOf(wanted: boolean | MediaTrackConstraints): string | undefined {
  if (typeof wanted !== 'object' || typeof wanted.deviceId !== 'object') return undefined;
  if (Array.isArray(wanted.deviceId)) return wanted.deviceId[0];
  return typeof wanted.deviceId.ideal === 'string' ? wanted.deviceId.ideal : undefined;
}
