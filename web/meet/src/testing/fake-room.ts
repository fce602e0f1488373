/** As much of a LiveKit room as our watchers look at. */

import { EventEmitter } from 'node:events';
import type { Participant, Room, Track, TrackPublication } from 'livekit-client';

export interface FakeTrackOptions {
  source: Track.Source;
  muted?: boolean;
  hasTrack?: boolean;
}

export interface FakeParticipantOptions {
  identity: string;
  name?: string;
  kind?: number;
  isLocal?: boolean;
  joinedAt?: number;
  tracks?: FakeTrackOptions[];
}

export function fakeParticipant(options: FakeParticipantOptions): Participant {
  const publications = (options.tracks ?? []).map((track) => ({
    source: track.source,
    isMuted: track.muted ?? false,
    track: track.hasTrack === false ? undefined : { sid: `TR_${options.identity}_${track.source}` },
  }));
  const of = (source: string) => publications.find((one) => one.source === source);
  const enabled = (source: string) => of(source) !== undefined && of(source)?.isMuted === false;
  return {
    identity: options.identity,
    sid: `PA_${options.identity}`,
    name: options.name,
    kind: options.kind ?? 0,
    isLocal: options.isLocal ?? false,
    joinedAt: new Date(options.joinedAt ?? 0),
    isMicrophoneEnabled: enabled('microphone'),
    isCameraEnabled: enabled('camera'),
    isScreenShareEnabled: enabled('screen_share'),
    getTrackPublication: (source: string) => of(source) as unknown as TrackPublication | undefined,
  } as unknown as Participant;
}

export function fakeRoom(me: Participant, others: Participant[] = []): Room {
  const remoteParticipants = new Map(others.map((other) => [other.identity, other]));
  return Object.assign(new EventEmitter(), {
    localParticipant: me,
    remoteParticipants,
  }) as unknown as Room;
}
