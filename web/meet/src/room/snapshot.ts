/** The LiveKit room as plain values: who is here and which pictures there are. */

import {
  type Participant,
  ParticipantKind,
  type Room,
  Track,
  type TrackPublication,
} from 'livekit-client';
import type { TileKind, VideoSource } from '../model/meeting';

export interface RoomTile {
  key: string;
  kind: TileKind;
  identity: string;
  video: VideoSource | undefined;
}

export interface RoomPerson {
  identity: string;
  name: string;
  isLocal: boolean;
  micOn: boolean;
  cameraOn: boolean;
  sharing: boolean;
  sharingSound: boolean;
  joinedAt: number;
}

export interface RoomSnapshot {
  /** Oneself first, then in the order of coming. */
  people: RoomPerson[];
  tiles: RoomTile[];
}

export function snapshotOf(room: Room): RoomSnapshot {
  const participants = [
    room.localParticipant,
    ...[...room.remoteParticipants.values()].filter(isShown).sort(byComing),
  ];
  return { people: participants.map(personOf), tiles: participants.flatMap(tilesOf) };
}

/** Recorders and the like are in the room, but nobody meets them. */
function isShown(participant: Participant): boolean {
  return participant.kind !== ParticipantKind.EGRESS && participant.identity !== '';
}

function byComing(a: Participant, b: Participant): number {
  return joinedAtOf(a) - joinedAtOf(b) || a.identity.localeCompare(b.identity);
}

function joinedAtOf(participant: Participant): number {
  return participant.joinedAt?.getTime() ?? 0;
}

function personOf(participant: Participant): RoomPerson {
  return {
    identity: participant.identity,
    name: participant.name || participant.identity,
    isLocal: participant.isLocal,
    micOn: participant.isMicrophoneEnabled,
    cameraOn: participant.isCameraEnabled,
    sharing: participant.isScreenShareEnabled,
    sharingSound: participant.getTrackPublication(Track.Source.ScreenShareAudio) !== undefined,
    joinedAt: joinedAtOf(participant),
  };
}

function tilesOf(participant: Participant): RoomTile[] {
  const camera = tileOf(participant, 'camera', Track.Source.Camera);
  const screen = participant.getTrackPublication(Track.Source.ScreenShare);
  // The own screen inside the own screen would be a hall of mirrors.
  return screen && !participant.isLocal
    ? [camera, tileOf(participant, 'screen', Track.Source.ScreenShare)]
    : [camera];
}

function tileOf(participant: Participant, kind: TileKind, source: Track.Source): RoomTile {
  const publication = participant.getTrackPublication(source);
  return {
    key: `${participant.identity}:${kind}`,
    kind,
    identity: participant.identity,
    video: publication ? videoOf(publication) : undefined,
  };
}

function videoOf(publication: TrackPublication): VideoSource | undefined {
  const track = publication.track;
  return track && !publication.isMuted ? sourceOf(track) : undefined;
}

/** One source for each track for life, so that a picture is not attached anew at every change. */
const sources = new WeakMap<Track, VideoSource>();

function sourceOf(track: Track): VideoSource {
  let source = sources.get(track);
  if (!source) {
    source = {
      id: track.sid ?? track.mediaStreamTrack.id,
      attach(element) {
        track.attach(element);
        return () => void track.detach(element);
      },
    };
    sources.set(track, source);
  }
  return source;
}
