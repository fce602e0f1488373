/** Measures every two seconds how well each participant is heard and seen, and why not better. */

import {
  ConnectionQuality,
  type LocalTrack,
  type Participant,
  type RemoteTrack,
  type Room,
  Track,
  type TrackPublication,
} from 'livekit-client';
import { type ReadableStore, Store } from '../lib/store';
import {
  type Direction,
  type StatsEntry,
  type TrackStats,
  toLinkSample,
} from '../model/link-stats';
import { type QualityLevel, QualityMeter, type QualityVerdict } from '../model/quality';

const EVERY_MS = 2000;

export type Qualities = ReadonlyMap<string, QualityVerdict>;

export interface WatchedQuality {
  store: ReadableStore<Qualities>;
  stop: () => void;
}

export function watchQuality(room: Room): WatchedQuality {
  const store = new Store<Qualities>(new Map());
  const meters = new Map<string, QualityMeter>();
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const measure = async () => {
    const participants = [room.localParticipant, ...room.remoteParticipants.values()];
    const verdicts = await Promise.all(
      participants.map((participant) => measureOne(participant, meterOf(meters, participant))),
    );
    forgetGone(meters, participants);
    if (stopped) return;
    store.set(new Map(verdicts));
    timer = setTimeout(measure, EVERY_MS);
  };
  timer = setTimeout(measure, EVERY_MS);
  return {
    store,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function meterOf(meters: Map<string, QualityMeter>, participant: Participant): QualityMeter {
  let meter = meters.get(participant.sid);
  if (!meter) {
    meter = new QualityMeter();
    meters.set(participant.sid, meter);
  }
  return meter;
}

function forgetGone(meters: Map<string, QualityMeter>, present: readonly Participant[]): void {
  const here = new Set(present.map((participant) => participant.sid));
  for (const sid of meters.keys()) if (!here.has(sid)) meters.delete(sid);
}

async function measureOne(
  participant: Participant,
  meter: QualityMeter,
): Promise<[string, QualityVerdict]> {
  const publications = [...participant.trackPublications.values()];
  const direction: Direction = participant.isLocal ? 'send' : 'receive';
  const stats = await Promise.all(
    publications.map((publication) => statsOf(publication, direction)),
  );
  const present = stats.filter((one) => one !== undefined);
  const sample = toLinkSample(performance.now(), present, publications.some(alwaysFlows));
  return [participant.identity, meter.add(sample, levelOf(participant.connectionQuality))];
}

/** Only sound flows whether or not somebody looks: unseen video is paused on purpose. */
function alwaysFlows(publication: TrackPublication): boolean {
  return (
    publication.source === Track.Source.Microphone &&
    publication.track !== undefined &&
    !publication.isMuted
  );
}

async function statsOf(
  publication: TrackPublication,
  direction: Direction,
): Promise<TrackStats | undefined> {
  const track = publication.track as LocalTrack | RemoteTrack | undefined;
  // A track that was replaced a moment ago has no statistics and may say so by an error.
  const report = await track?.getRTCStatsReport().catch(() => undefined);
  return report && { direction, entries: report.values() as Iterable<StatsEntry> };
}

function levelOf(quality: ConnectionQuality): QualityLevel | undefined {
  switch (quality) {
    case ConnectionQuality.Excellent:
      return 'excellent';
    case ConnectionQuality.Good:
      return 'good';
    case ConnectionQuality.Poor:
      return 'poor';
    case ConnectionQuality.Lost:
      return 'lost';
    default:
      return undefined;
  }
}
