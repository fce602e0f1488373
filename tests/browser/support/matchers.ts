import { expect } from 'vitest';

/** A tone that was measured: the spectrum's lines are 12 Hz apart. */
export function near(hertz: number) {
  return expect.toSatisfy((heard: number) => Math.abs(heard - hertz) < 15, `about ${hertz} Hz`);
}

export function atLeast(least: number) {
  return expect.toSatisfy((value: number) => value >= least, `at least ${least}`);
}
