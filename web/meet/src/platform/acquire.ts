/** Getting a camera and a microphone, as much of both as can be had. */

import { type MediaProblem, mediaProblemOf } from '../model/problems';

export type MediaKind = 'audio' | 'video';

export interface MediaPort {
  getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream>;
  /** What the browser remembers; 'unknown' where it does not tell. */
  permission(kind: MediaKind): Promise<PermissionState | 'unknown'>;
}

/** The wanted device; an empty wish takes the default. */
export interface DeviceWish {
  deviceId?: string | undefined;
}

export type MediaWishes = Partial<Record<MediaKind, DeviceWish>>;

export interface Acquired {
  tracks: Partial<Record<MediaKind, MediaStreamTrack>>;
  problems: Partial<Record<MediaKind, MediaProblem>>;
}

/**
 * Asks for everything in one prompt. When that fails, asks for each alone where a second question
 * makes sense, so that a missing camera does not cost the voice.
 */
export async function acquire(port: MediaPort, wishes: MediaWishes): Promise<Acquired> {
  const kinds = (['audio', 'video'] as const).filter((kind) => wishes[kind]);
  const result: Acquired = { tracks: {}, problems: {} };
  if (kinds.length === 0) return result;
  try {
    keep(result, await port.getUserMedia(constraintsOf(wishes)));
    return result;
  } catch (error) {
    const problem = mediaProblemOf(error);
    if (kinds.length === 1 && problem !== 'overconstrained') {
      for (const kind of kinds) result.problems[kind] = problem;
      return result;
    }
    for (const kind of kinds) await acquireOne(port, kind, { wishes, problem, result });
    return result;
  }
}

interface SecondTry {
  wishes: MediaWishes;
  problem: MediaProblem;
  result: Acquired;
}

async function acquireOne(port: MediaPort, kind: MediaKind, second: SecondTry): Promise<void> {
  const { wishes, problem, result } = second;
  if (!(await worthASecondTry(port, kind, problem))) {
    result.problems[kind] = problem;
    return;
  }
  try {
    const wish = problem === 'overconstrained' ? {} : (wishes[kind] ?? {});
    keep(result, await port.getUserMedia(constraintsOf({ [kind]: wish })));
  } catch (error) {
    result.problems[kind] = mediaProblemOf(error);
  }
}

/** A person who said no is not asked again, but a yes for one of the two is used. */
async function worthASecondTry(
  port: MediaPort,
  kind: MediaKind,
  problem: MediaProblem,
): Promise<boolean> {
  if (problem === 'insecure' || problem === 'dismissed') return false;
  if (problem !== 'blocked' && problem !== 'blocked_by_system') return true;
  const [mine, other] = await Promise.all([
    port.permission(kind),
    port.permission(kind === 'audio' ? 'video' : 'audio'),
  ]);
  return mine === 'granted' || (mine === 'prompt' && other === 'denied');
}

function keep(result: Acquired, stream: MediaStream): void {
  const audio = stream.getAudioTracks()[0];
  const video = stream.getVideoTracks()[0];
  if (audio) result.tracks.audio = audio;
  if (video) result.tracks.video = video;
}

function constraintsOf(wishes: MediaWishes): MediaStreamConstraints {
  const constraints: MediaStreamConstraints = {};
  if (wishes.audio) constraints.audio = audioConstraints(wishes.audio);
  if (wishes.video) constraints.video = videoConstraints(wishes.video);
  return constraints;
}

export function audioConstraints(wish: DeviceWish): MediaTrackConstraints {
  return {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    ...deviceConstraint(wish),
  };
}

export function videoConstraints(wish: DeviceWish): MediaTrackConstraints {
  return {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30 },
    ...(wish.deviceId ? {} : { facingMode: 'user' }),
    ...deviceConstraint(wish),
  };
}

/** `ideal`: a device that was pulled out is replaced by the default and not by an error. */
function deviceConstraint(wish: DeviceWish): MediaTrackConstraints {
  return wish.deviceId ? { deviceId: { ideal: wish.deviceId } } : {};
}
