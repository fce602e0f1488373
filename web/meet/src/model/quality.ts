/**
 * How good a connection is, and why it is not better. Fed with the counters that the browser keeps
 * (W3C webrtc-stats); says a level in words and names the cause that costs the most.
 */

export type QualityLevel = 'excellent' | 'good' | 'poor' | 'lost';
export type QualityCause = 'loss' | 'round_trip' | 'bandwidth' | 'cpu' | 'no_media' | 'other_side';
export type Limitation = 'none' | 'cpu' | 'bandwidth' | 'other';

export interface QualityVerdict {
  level: QualityLevel;
  cause?: QualityCause;
  /** Share of packets lost in the last interval, 0 to 1. */
  loss?: number;
  roundTripMs?: number;
}

/** Counters of one direction at one moment, summed over the tracks of a participant. */
export interface LinkSample {
  atMs: number;
  packets: number;
  lost: number;
  roundTripMs?: number;
  limitation?: Limitation;
  /** True when packets ought to flow: a track is there and not muted. */
  expected: boolean;
}

const EXCELLENT_ABOVE = 80;
const GOOD_ABOVE = 40;
/** Quality falls at once and comes back slowly, or the bars would dance. */
const RECOVERY_PER_STEP = 10;
const LOWEST_ALIVE = 21;
/** Below this many packets the share of lost ones says nothing. */
const FEWEST_PACKETS = 10;
/** How long expected media may stay away before it is called lost. */
const NO_MEDIA_MS = 6000;

interface Interval {
  loss?: number;
  roundTripMs?: number;
  limitation: Limitation;
  silentForMs: number;
}

export class QualityMeter {
  #last: LinkSample | undefined;
  #score = 100;
  #lastFlowAt: number | undefined;

  add(sample: LinkSample, serverSays?: QualityLevel): QualityVerdict {
    const interval = this.#interval(sample);
    this.#last = sample;
    if (interval.silentForMs >= NO_MEDIA_MS) {
      this.#score = 0;
      return { level: 'lost', cause: 'no_media' };
    }
    const penalties = penaltiesOf(interval);
    const total = penalties.reduce((sum, penalty) => sum + penalty.points, 0);
    const target = Math.max(LOWEST_ALIVE, 100 - total);
    this.#score = target < this.#score ? target : Math.min(target, this.#score + RECOVERY_PER_STEP);
    return verdictOf(levelOf(this.#score), penalties, interval, serverSays);
  }

  #interval(sample: LinkSample): Interval {
    const last = this.#last;
    const limitation = sample.limitation ?? 'none';
    const base: Interval = { limitation, silentForMs: 0 };
    if (sample.roundTripMs !== undefined) base.roundTripMs = sample.roundTripMs;
    // Counters that go back belong to a new track or a new connection: start afresh.
    const restarted = !last || sample.packets < last.packets || sample.lost < last.lost;
    if (restarted || !sample.expected || sample.packets > last.packets) {
      this.#lastFlowAt = sample.atMs;
    }
    base.silentForMs = sample.atMs - (this.#lastFlowAt ?? sample.atMs);
    if (restarted) return base;
    const received = sample.packets - last.packets;
    const lost = sample.lost - last.lost;
    if (received + lost >= FEWEST_PACKETS) base.loss = lost / (received + lost);
    return base;
  }
}

interface Penalty {
  cause: QualityCause;
  points: number;
}

function penaltiesOf(interval: Interval): Penalty[] {
  const penalties: Penalty[] = [];
  // 3 % of loss is still good, 8 % is poor.
  const lossPercent = (interval.loss ?? 0) * 100;
  if (lossPercent > 0.5) penalties.push({ cause: 'loss', points: (lossPercent - 0.5) * 8.5 });
  // 300 ms is still good, 650 ms is poor.
  const late = (interval.roundTripMs ?? 0) - 150;
  if (late > 0) penalties.push({ cause: 'round_trip', points: late / 8 });
  if (interval.limitation === 'bandwidth') penalties.push({ cause: 'bandwidth', points: 30 });
  if (interval.limitation === 'cpu') penalties.push({ cause: 'cpu', points: 30 });
  return penalties.sort((a, b) => b.points - a.points);
}

function levelOf(score: number): QualityLevel {
  if (score > EXCELLENT_ABOVE) return 'excellent';
  return score > GOOD_ABOVE ? 'good' : 'poor';
}

const RANK: Record<QualityLevel, number> = { lost: 0, poor: 1, good: 2, excellent: 3 };

function verdictOf(
  own: QualityLevel,
  penalties: readonly Penalty[],
  interval: Interval,
  serverSays: QualityLevel | undefined,
): QualityVerdict {
  const serverIsWorse = serverSays !== undefined && RANK[serverSays] < RANK[own];
  const verdict: QualityVerdict = { level: serverIsWorse ? serverSays : own };
  const worst = penalties[0];
  // What we measure explains what we see; when it does not, the trouble is beyond the server.
  if (worst && worst.points >= 5 && verdict.level !== 'excellent') verdict.cause = worst.cause;
  else if (serverIsWorse) verdict.cause = 'other_side';
  if (interval.loss !== undefined) verdict.loss = interval.loss;
  if (interval.roundTripMs !== undefined) verdict.roundTripMs = interval.roundTripMs;
  return verdict;
}

/** How many of the three bars are filled. */
export function barsOf(level: QualityLevel): number {
  return RANK[level];
}
