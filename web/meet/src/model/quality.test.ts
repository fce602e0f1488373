import { describe, expect, it } from 'vitest';
import { barsOf, type LinkSample, QualityMeter } from './quality';

/** A link that carries 100 packets in each interval of two seconds. */
class Link {
  readonly #meter = new QualityMeter();
  #sample: LinkSample = { atMs: 0, packets: 0, lost: 0, expected: true };

  constructor() {
    this.#meter.add(this.#sample);
  }

  step(change: Partial<LinkSample> & { lossPercent?: number } = {}, server?: 'poor' | 'lost') {
    const { lossPercent = 0, ...rest } = change;
    this.#sample = {
      expected: true,
      atMs: this.#sample.atMs + 2000,
      packets: this.#sample.packets + 100 - lossPercent,
      lost: this.#sample.lost + lossPercent,
      ...rest,
    };
    return this.#meter.add(this.#sample, server);
  }
}

describe('QualityMeter', () => {
  it('calls a clean link excellent and names no cause', () => {
    expect(new Link().step({ roundTripMs: 40, limitation: 'none' })).toEqual({
      level: 'excellent',
      loss: 0,
      roundTripMs: 40,
    });
  });

  it.each([
    [3, 'good'],
    [5, 'good'],
    [8, 'poor'],
    [30, 'poor'],
  ])('calls %i %% of loss %s, because of loss', (lossPercent, level) => {
    expect(new Link().step({ lossPercent })).toMatchObject({ level, cause: 'loss' });
  });

  it.each([
    [320, 'good'],
    [700, 'poor'],
  ])('calls a round trip of %i ms %s, because of the round trip', (roundTripMs, level) => {
    expect(new Link().step({ roundTripMs })).toMatchObject({ level, cause: 'round_trip' });
  });

  it.each(['bandwidth', 'cpu'] as const)('names %s when the encoder says so', (limitation) => {
    expect(new Link().step({ limitation })).toMatchObject({ level: 'good', cause: limitation });
  });

  it('names the cause that costs the most', () => {
    const verdict = new Link().step({ lossPercent: 10, roundTripMs: 200, limitation: 'cpu' });
    expect(verdict.cause).toBe('loss');
  });

  it('falls at once and comes back step by step', () => {
    const link = new Link();
    expect(link.step({ lossPercent: 10 }).level).toBe('poor');
    const levels = Array.from({ length: 6 }, () => link.step().level);
    expect(levels).toEqual(['poor', 'good', 'good', 'good', 'good', 'excellent']);
  });

  it('calls media that stays away lost, after some seconds', () => {
    const link = new Link();
    link.step({ packets: 100 });
    expect(link.step({ packets: 100 }).level).not.toBe('lost');
    link.step({ packets: 100 });
    expect(link.step({ packets: 100 })).toEqual({ level: 'lost', cause: 'no_media' });
  });

  it('does not miss media that nobody sends', () => {
    const link = new Link();
    for (let i = 0; i < 5; i += 1) {
      expect(link.step({ packets: 0, expected: false }).level).toBe('excellent');
    }
  });

  it('starts afresh when the counters go back', () => {
    const link = new Link();
    link.step();
    const verdict = link.step({ packets: 5, lost: 0 });
    expect(verdict).toEqual({ level: 'excellent' });
  });

  it('does not judge loss by a handful of packets', () => {
    const link = new Link();
    expect(link.step({ packets: 4, lost: 3 }).loss).toBeUndefined();
  });

  it('believes a server that sees worse and says where the trouble is', () => {
    expect(new Link().step({}, 'poor')).toMatchObject({ level: 'poor', cause: 'other_side' });
  });

  it('prefers its own cause to the word of the server', () => {
    expect(new Link().step({ lossPercent: 5 }, 'lost')).toMatchObject({
      level: 'lost',
      cause: 'loss',
    });
  });
});

describe('barsOf', () => {
  it('fills three, two, one and no bars', () => {
    expect((['excellent', 'good', 'poor', 'lost'] as const).map(barsOf)).toEqual([3, 2, 1, 0]);
  });
});
