/** Turns the browser's statistics (W3C webrtc-stats) into the few counters that quality needs. */

import type { Limitation, LinkSample } from './quality';

export type Direction = 'send' | 'receive';

/** One dictionary of a report; its fields differ by type and by browser. */
export type StatsEntry = Readonly<Record<string, unknown>>;

export interface TrackStats {
  direction: Direction;
  entries: readonly StatsEntry[];
}

export function toLinkSample(
  atMs: number,
  tracks: readonly TrackStats[],
  expected: boolean,
): LinkSample {
  const sample: LinkSample = { atMs, packets: 0, lost: 0, expected };
  for (const track of tracks) {
    for (const entry of track.entries) addEntry(sample, track.direction, entry);
  }
  return sample;
}

/** Everything that arrives on the pairs in use: media and the answers to consent checks alike. */
export function flowOf(tracks: readonly TrackStats[]): number | undefined {
  // The tracks of one connection share a pair: each pair counts once.
  const pairs = new Map<unknown, number>();
  for (const track of tracks) {
    for (const entry of track.entries) {
      if (entry.type !== 'candidate-pair' || entry.nominated !== true) continue;
      const flow = (numberOf(entry.bytesReceived) ?? 0) + (numberOf(entry.responsesReceived) ?? 0);
      pairs.set(entry.id, Math.max(flow, pairs.get(entry.id) ?? 0));
    }
  }
  return pairs.size === 0 ? undefined : [...pairs.values()].reduce((sum, flow) => sum + flow, 0);
}

function addEntry(sample: LinkSample, direction: Direction, entry: StatsEntry): void {
  switch (entry.type) {
    case 'inbound-rtp':
      if (direction === 'receive') addInbound(sample, entry);
      return;
    case 'outbound-rtp':
      if (direction === 'send') addOutbound(sample, entry);
      return;
    case 'remote-inbound-rtp':
      if (direction === 'send') addRemoteInbound(sample, entry);
      return;
    case 'candidate-pair':
      if (entry.nominated === true) addRoundTrip(sample, entry.currentRoundTripTime);
      return;
  }
}

function addInbound(sample: LinkSample, entry: StatsEntry): void {
  sample.packets += numberOf(entry.packetsReceived) ?? 0;
  // Late duplicates may bring the counter of lost packets below zero (RFC 3550, 6.4.1).
  sample.lost += Math.max(0, numberOf(entry.packetsLost) ?? 0);
}

function addOutbound(sample: LinkSample, entry: StatsEntry): void {
  sample.packets += numberOf(entry.packetsSent) ?? 0;
  const reason = limitationOf(entry.qualityLimitationReason);
  // A layer that dynacast paused is not limited by anything.
  if (entry.active === false || reason === undefined) return;
  if (sample.limitation === undefined || sample.limitation === 'none') sample.limitation = reason;
}

function addRemoteInbound(sample: LinkSample, entry: StatsEntry): void {
  sample.lost += Math.max(0, numberOf(entry.packetsLost) ?? 0);
  addRoundTrip(sample, entry.roundTripTime);
}

function addRoundTrip(sample: LinkSample, seconds: unknown): void {
  const value = numberOf(seconds);
  if (value === undefined) return;
  sample.roundTripMs = Math.max(sample.roundTripMs ?? 0, Math.round(value * 1000));
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function limitationOf(value: unknown): Limitation | undefined {
  return value === 'none' || value === 'cpu' || value === 'bandwidth' || value === 'other'
    ? value
    : undefined;
}
