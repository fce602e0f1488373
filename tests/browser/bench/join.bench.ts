/** How long one waits for the first picture after joining: from `room.connect()` to a shown frame of who is there. */

import { expect, test } from 'vitest';
import type { JoinTimes } from '../page/driver.ts';
import { Call, MODES, sharedChromium } from '../support/call.ts';

const JOINS = 30;
const P95_MS_MAX = 700;

function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN);
}

for (const mode of MODES) {
  test(`join in ${mode} mode`, async () => {
    const single = mode === 'single';
    const call = new Call(await sharedChromium(), single);
    const publisher = await call.join('publisher');
    await publisher.useCamera(true);
    const joins: JoinTimes[] = [];
    for (let n = 0; n < JOINS; n += 1) {
      // A page of its own each time, which goes away with its connection.
      const visit = new Call(await sharedChromium(), single);
      const viewer = await visit.open('viewer');
      joins.push(await viewer.joinTimed(await call.ticket('viewer')));
      await viewer.leave();
      await visit.end();
    }
    await call.end();

    for (const moment of ['connected', 'shown'] as const) {
      const times = joins.map((join) => join[moment]);
      const [p50, p95] = [percentile(times, 0.5), percentile(times, 0.95)];
      process.stdout.write(`${mode}: ${moment} after ${p50} ms (p50), ${p95} ms (p95)\n`);
    }
    const shown = joins.map((join) => join.shown);
    expect(percentile(shown, 0.95), 'ms, 95th percentile').toBeLessThan(P95_MS_MAX);
  });
}
