import { describe, expect, it } from 'vitest';
import { ceilingOf, linePath } from './chart';

describe('the ceiling of a chart', () => {
  it.each([
    [[0, null], 100, 100],
    [[101], 100, 200],
    [[2001], 100, 5000],
    [[0.03], 0.01, 0.05],
    [[], 50, 50],
  ])('over %j and at least %d is %d', (values, least, ceiling) => {
    expect(ceilingOf(values, least)).toBeCloseTo(ceiling);
  });
});

describe('the line of a chart', () => {
  it('goes from left to right, and higher where the value is', () => {
    expect(linePath([0, 5, 10], 10, { width: 20, height: 10 })).toBe('M0 10L10 5L20 0');
  });
  it('has a gap where nothing is known', () => {
    expect(linePath([1, null, 1, 1], 1, { width: 30, height: 10 })).toBe('M0 0M20 0L30 0');
  });
  it('stays in its box and bears no values at all', () => {
    expect(linePath([50], 10, { width: 20, height: 10 })).toBe('M0 0');
    expect(linePath([], 10, { width: 20, height: 10 })).toBe('');
  });
});
