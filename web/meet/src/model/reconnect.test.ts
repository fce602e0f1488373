import { describe, expect, it } from 'vitest';
import { bannerDueInMs, type ConnectionPhase, nextPhase, STEADY } from './reconnect';

const away: ConnectionPhase = { phase: 'reconnecting', since: 1000, tries: 1 };

describe('nextPhase', () => {
  it('starts counting at the interruption', () => {
    expect(nextPhase(STEADY, { type: 'interrupted', now: 1000 })).toEqual(away);
  });

  it('keeps the moment of the first interruption', () => {
    expect(nextPhase(away, { type: 'interrupted', now: 9000 })).toEqual(away);
  });

  it('counts tries and never backwards', () => {
    const third = nextPhase(away, { type: 'tried', tries: 3, now: 5000 });
    expect(third).toMatchObject({ tries: 3, since: 1000 });
    expect(nextPhase(third, { type: 'tried', tries: 1, now: 6000 })).toMatchObject({ tries: 3 });
  });

  it('takes a try as an interruption when nobody announced one', () => {
    expect(nextPhase(STEADY, { type: 'tried', tries: 1, now: 1000 })).toEqual(away);
  });

  it('ends well or badly', () => {
    expect(nextPhase(away, { type: 'restored' })).toEqual(STEADY);
    expect(nextPhase(away, { type: 'gave_up' })).toEqual({ phase: 'failed' });
  });
});

describe('bannerDueInMs', () => {
  it('is three seconds after the interruption', () => {
    expect(bannerDueInMs(away, 1500)).toBe(2500);
    expect(bannerDueInMs(away, 4000)).toBe(0);
    expect(bannerDueInMs(away, 9000)).toBe(0);
  });

  it('is never while all is well', () => {
    expect(bannerDueInMs(STEADY, 0)).toBeUndefined();
    expect(bannerDueInMs({ phase: 'failed' }, 0)).toBeUndefined();
  });
});
