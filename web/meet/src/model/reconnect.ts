/**
 * What people are told while the connection is away: nothing for three seconds, then the truth. Two
 * things know of it: the client library when it reconnects, and the statistics when nothing at all
 * arrives any more, which is many seconds earlier when the network just falls silent.
 */

export const BANNER_AFTER_MS = 3000;

export interface Away {
  phase: 'reconnecting';
  since: number;
  tries: number;
  /** The client library is reconnecting; people may come and go in its books meanwhile. */
  engine: boolean;
  /** Nothing arrives from the server. */
  silent: boolean;
}

export type ConnectionPhase = { phase: 'steady' } | Away | { phase: 'failed' };

export type ConnectionEvent =
  | { type: 'interrupted'; now: number }
  | { type: 'tried'; tries: number; now: number }
  | { type: 'restored' }
  | { type: 'silent'; since: number }
  | { type: 'heard' }
  | { type: 'gave_up' };

export const STEADY: ConnectionPhase = { phase: 'steady' };

/** Gives the same object back when nothing changed. */
export function nextPhase(state: ConnectionPhase, event: ConnectionEvent): ConnectionPhase {
  switch (event.type) {
    case 'interrupted':
      // A resume that turns into a full reconnect is still the same interruption.
      return change(awayFrom(state, event.now), { engine: true });
    case 'tried': {
      const away = awayFrom(state, event.now);
      return change(away, { engine: true, tries: Math.max(away.tries, event.tries) });
    }
    case 'silent':
      return change(awayFrom(state, event.since), { silent: true });
    case 'heard':
      if (state.phase !== 'reconnecting') return state;
      return state.engine ? change(state, { silent: false }) : STEADY;
    case 'restored':
      return STEADY;
    case 'gave_up':
      return { phase: 'failed' };
  }
}

function change(away: Away, to: Partial<Away>): Away {
  const next = { ...away, ...to };
  const same =
    next.tries === away.tries && next.engine === away.engine && next.silent === away.silent;
  return same ? away : next;
}

function awayFrom(state: ConnectionPhase, since: number): Away {
  if (state.phase === 'reconnecting') return state;
  return { phase: 'reconnecting', since, tries: 1, engine: false, silent: false };
}

/** While true, the room's lists are being torn down and built again and are no news. */
export function isRebuilding(state: ConnectionPhase): boolean {
  return state.phase === 'reconnecting' && state.engine;
}

export function bannerDueInMs(state: ConnectionPhase, now: number): number | undefined {
  if (state.phase !== 'reconnecting') return undefined;
  return Math.max(0, state.since + BANNER_AFTER_MS - now);
}

/** Longer than the pause between two consent checks (RFC 7675: 5 s, a fifth more or less). */
const SILENT_AFTER_MS = 6000;

/** Watches a counter of whatever arrives from the server. */
export class SilenceDetector {
  #flow: number | undefined;
  #changedAt = 0;

  /** When the silence began, as soon as it is one; undefined while something arrives. */
  add(now: number, flow: number | undefined): number | undefined {
    if (flow === undefined || flow !== this.#flow) {
      this.#flow = flow;
      this.#changedAt = now;
      return undefined;
    }
    return now - this.#changedAt >= SILENT_AFTER_MS ? this.#changedAt : undefined;
  }
}
