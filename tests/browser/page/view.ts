/** What a test may know of a remote track: said by the library, by the statistics, by the pixels. */

import { type RemoteTrackPublication, type Room, Track } from 'livekit-client';
import { type Colour, colourOf } from './media.ts';
import type { Stage } from './stage.ts';

export type Source = 'camera' | 'microphone' | 'screen' | 'screen_sound';

export const SOURCES: Record<Source, Track.Source> = {
  camera: Track.Source.Camera,
  microphone: Track.Source.Microphone,
  screen: Track.Source.ScreenShare,
  screen_sound: Track.Source.ScreenShareAudio,
};

export interface VideoView {
  sid: string;
  codec: string;
  width: number;
  height: number;
  framesDecoded: number;
  keyFramesDecoded: number;
  freezes: number;
  shows: Colour | 'nothing' | 'other';
}

export interface AudioView {
  sid: string;
  codec: string;
  energy: number;
  hertz: number;
  /** Samples that were played, and those among them that the decoder had to make up. */
  samples: number;
  concealed: number;
}

export function publicationOf(
  room: Room,
  identity: string,
  source: Source,
): RemoteTrackPublication | undefined {
  return room.remoteParticipants.get(identity)?.getTrackPublication(SOURCES[source]);
}

async function inboundOf(publication: RemoteTrackPublication | undefined) {
  const report = await publication?.track?.getRTCStatsReport();
  const rows = [...(report?.values() ?? [])] as Record<string, string | number>[];
  const inbound = rows.find((row) => row.type === 'inbound-rtp');
  const codec = rows.find((row) => row.id === inbound?.codecId)?.mimeType;
  return { row: inbound ?? {}, codec: String(codec ?? '') };
}

export async function videoView(
  stage: Stage,
  publication: RemoteTrackPublication | undefined,
): Promise<VideoView> {
  const { row, codec } = await inboundOf(publication);
  const sid = publication?.trackSid ?? '';
  const element = stage.video(sid);
  return {
    sid,
    codec,
    width: element?.videoWidth ?? 0,
    height: element?.videoHeight ?? 0,
    framesDecoded: Number(row.framesDecoded ?? 0),
    keyFramesDecoded: Number(row.keyFramesDecoded ?? 0),
    freezes: Number(row.freezeCount ?? 0),
    shows: element ? colourOf(element) : 'nothing',
  };
}

export async function audioView(
  stage: Stage,
  publication: RemoteTrackPublication | undefined,
): Promise<AudioView> {
  const { row, codec } = await inboundOf(publication);
  const sid = publication?.trackSid ?? '';
  return {
    sid,
    codec,
    energy: Number(row.totalAudioEnergy ?? 0),
    hertz: stage.hertz(sid),
    samples: Number(row.totalSamplesReceived ?? 0),
    concealed: Number(row.concealedSamples ?? 0) - Number(row.silentConcealedSamples ?? 0),
  };
}
