/** What people are told while the connection is away: nothing for three seconds, then the truth. */

export const BANNER_AFTER_MS = 3000;

export type ConnectionPhase =
  | { phase: 'steady' }
  | { phase: 'reconnecting'; since: number; tries: number }
  | { phase: 'failed' };

export type ConnectionEvent =
  | { type: 'interrupted'; now: number }
  | { type: 'tried'; tries: number; now: number }
  | { type: 'restored' }
  | { type: 'gave_up' };

export const STEADY: ConnectionPhase = { phase: 'steady' };

export function nextPhase(state: ConnectionPhase, event: ConnectionEvent): ConnectionPhase {
  switch (event.type) {
    case 'interrupted':
      // A resume that turns into a full reconnect is still the same interruption.
      if (state.phase === 'reconnecting') return state;
      return { phase: 'reconnecting', since: event.now, tries: 1 };
    case 'tried':
      if (state.phase !== 'reconnecting') {
        return { phase: 'reconnecting', since: event.now, tries: event.tries };
      }
      return { ...state, tries: Math.max(state.tries, event.tries) };
    case 'restored':
      return STEADY;
    case 'gave_up':
      return { phase: 'failed' };
  }
}

export function bannerDueInMs(state: ConnectionPhase, now: number): number | undefined {
  if (state.phase !== 'reconnecting') return undefined;
  return Math.max(0, state.since + BANNER_AFTER_MS - now);
}
