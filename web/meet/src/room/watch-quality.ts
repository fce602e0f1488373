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
  flowOf,
  type StatsEntry,
  type TrackStats,
  toLinkSample,
} from '../model/link-stats';
import {
  type LinkSample,
  type QualityLevel,
  QualityMeter,
  type QualityVerdict,
} from '../model/quality';
import { SilenceDetector } from '../model/reconnect';

const EVERY_MS = 2000;

export type Qualities = ReadonlyMap<string, QualityVerdict>;

export interface WatchedQuality {
  store: ReadableStore<Qualities>;
  stop: () => void;
}

/** `onSilence`: since when nothing at all arrives; undefined when something does. */
export function watchQuality(
  room: Room,
  onSilence: (since: number | undefined) => void,
): WatchedQuality {
  const store = new Store<Qualities>(new Map());
  const meters = new Map<string, QualityMeter>();
  const silence = new SilenceDetector();
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const measure = async () => {
    const participants = [room.localParticipant, ...room.remoteParticipants.values()];
    const links = await Promise.all(participants.map(measureOne));
    if (stopped) return;
    forgetGone(meters, participants);
    const verdicts = links.map((link): [string, QualityVerdict] => [
      link.participant.identity,
      meterOf(meters, link.participant).add(link.sample, levelOf(link.participant)),
    ]);
    store.set(new Map(verdicts));
    onSilence(silence.add(Date.now(), flowOf(links.flatMap((link) => link.stats))));
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

interface Link {
  participant: Participant;
  stats: TrackStats[];
  sample: LinkSample;
}

async function measureOne(participant: Participant): Promise<Link> {
  const publications = [...participant.trackPublications.values()];
  const direction: Direction = participant.isLocal ? 'send' : 'receive';
  const reports = await Promise.all(
    publications.map((publication) => statsOf(publication, direction)),
  );
  const stats = reports.filter((report) => report !== undefined);
  const sample = toLinkSample(performance.now(), stats, publications.some(alwaysFlows));
  return { participant, stats, sample };
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
  return report && { direction, entries: [...report.values()] as StatsEntry[] };
}

function levelOf(participant: Participant): QualityLevel | undefined {
  switch (participant.connectionQuality) {
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
