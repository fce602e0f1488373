import { describe, expect, it } from 'vitest';
import {
  bannerDueInMs,
  type ConnectionEvent,
  type ConnectionPhase,
  isRebuilding,
  nextPhase,
  SilenceDetector,
  STEADY,
} from './reconnect';

function after(...events: ConnectionEvent[]): ConnectionPhase {
  return events.reduce(nextPhase, STEADY);
}

const interrupted = { type: 'interrupted', now: 1000 } as const;
const silent = { type: 'silent', since: 500 } as const;

describe('nextPhase', () => {
  it('starts counting at the interruption', () => {
    expect(after(interrupted)).toMatchObject({ phase: 'reconnecting', since: 1000, tries: 1 });
  });

  it('keeps the moment of the first interruption', () => {
    expect(after(interrupted, { type: 'interrupted', now: 9000 })).toEqual(after(interrupted));
  });

  it('counts tries and never backwards', () => {
    const third = { type: 'tried', tries: 3, now: 5000 } as const;
    expect(after(interrupted, third)).toMatchObject({ tries: 3, since: 1000 });
    expect(after(interrupted, third, { ...third, tries: 1 })).toMatchObject({ tries: 3 });
  });

  it('takes a try as an interruption when nobody announced one', () => {
    expect(after({ type: 'tried', tries: 1, now: 1000 })).toEqual(after(interrupted));
  });

  it('counts from the beginning of a silence that became an interruption', () => {
    expect(after(silent, interrupted)).toMatchObject({ since: 500, engine: true, silent: true });
  });

  it('is steady again when the silence ends by itself', () => {
    expect(after(silent, { type: 'heard' })).toEqual(STEADY);
  });

  it('is not steady yet when something is heard while the library still reconnects', () => {
    expect(after(silent, interrupted, { type: 'heard' })).toMatchObject({ phase: 'reconnecting' });
  });

  it('gives the same state back when nothing changed', () => {
    const away = after(silent, interrupted);
    expect(nextPhase(away, interrupted)).toBe(away);
    expect(nextPhase(away, silent)).toBe(away);
    expect(nextPhase(STEADY, { type: 'heard' })).toBe(STEADY);
  });

  it('ends well or badly', () => {
    expect(after(silent, interrupted, { type: 'restored' })).toEqual(STEADY);
    expect(after(interrupted, { type: 'gave_up' })).toEqual({ phase: 'failed' });
    expect(after({ type: 'heard' })).toEqual(STEADY);
  });
});

describe('isRebuilding', () => {
  it('is so only while the library reconnects', () => {
    expect(isRebuilding(after(interrupted))).toBe(true);
    expect(isRebuilding(after(silent))).toBe(false);
    expect(isRebuilding(STEADY)).toBe(false);
  });
});

describe('bannerDueInMs', () => {
  it('is three seconds after the interruption', () => {
    expect(bannerDueInMs(after(interrupted), 1500)).toBe(2500);
    expect(bannerDueInMs(after(interrupted), 4000)).toBe(0);
    expect(bannerDueInMs(after(interrupted), 9000)).toBe(0);
  });

  it('is never while all is well', () => {
    expect(bannerDueInMs(STEADY, 0)).toBeUndefined();
    expect(bannerDueInMs({ phase: 'failed' }, 0)).toBeUndefined();
  });
});

describe('SilenceDetector', () => {
  it('tells when nothing has arrived for six seconds, and since when', () => {
    const detector = new SilenceDetector();
    detector.add(1000, 7);
    expect(detector.add(6999, 7)).toBeUndefined();
    expect(detector.add(7000, 7)).toBe(1000);
    expect(detector.add(9000, 8)).toBeUndefined();
  });

  it('knows nothing where there is nothing to count', () => {
    const detector = new SilenceDetector();
    detector.add(0, undefined);
    expect(detector.add(60_000, undefined)).toBeUndefined();
  });

  it('takes counters that start anew for a sign of life', () => {
    const detector = new SilenceDetector();
    detector.add(0, 700);
    expect(detector.add(6000, 3)).toBeUndefined();
  });
});
