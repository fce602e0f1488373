/** Listens to the own microphone: it may be dead, or its owner may talk while muted. */

import { type LocalTrack, type Room, Track } from 'livekit-client';
import { DeadMicrophoneDetector, MutedSpeechDetector } from '../model/sound-level';
import { type LoudnessProbe, probeLoudness } from '../platform/audio';

const EVERY_MS = 100;

export interface MicrophoneNews {
  onMutedSpeech: () => void;
  onDead: (dead: boolean) => void;
}

interface Listening {
  muted: boolean;
  source: MediaStreamTrack;
  probe: LoudnessProbe;
  close: () => void;
}

export function watchMicrophone(room: Room, news: MicrophoneNews): () => void {
  const speech = new MutedSpeechDetector();
  let dead = new DeadMicrophoneDetector();
  let wasDead = false;
  let listening: Listening | undefined;
  const timer = setInterval(() => {
    listening = follow(room, listening, () => {
      dead = new DeadMicrophoneDetector();
    });
    const loudness = listening?.probe.read();
    if (!listening || loudness === undefined) return;
    const now = performance.now();
    if (listening.muted && speech.add(now, loudness)) news.onMutedSpeech();
    const isDead = dead.add(now, loudness) && !listening.muted;
    if (isDead !== wasDead) news.onDead(isDead);
    wasDead = isDead;
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    listening?.close();
  };
}

/** Moves the ear when the track was changed, muted or unmuted. */
function follow(
  room: Room,
  before: Listening | undefined,
  onOther: () => void,
): Listening | undefined {
  const publication = room.localParticipant.getTrackPublication(Track.Source.Microphone);
  const track = publication?.track as LocalTrack | undefined;
  const source = track?.mediaStreamTrack;
  const muted = publication?.isMuted ?? false;
  if (before && before.source === source && before.muted === muted) return before;
  before?.close();
  if (before?.source !== source) onOther();
  if (source?.readyState !== 'live') return undefined;
  return listen(source, muted);
}

/** A muted track gives silence, so a copy is listened to that is not muted and goes nowhere. */
function listen(source: MediaStreamTrack, muted: boolean): Listening {
  const ear = source.clone();
  ear.enabled = true;
  const probe = probeLoudness(ear);
  return {
    muted,
    source,
    probe,
    close: () => {
      probe.close();
      ear.stop();
    },
  };
}
