import { setTimeout as elapsed } from 'node:timers/promises';
import type { Browser as Firefox } from 'puppeteer-core';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import type { JoinOptions } from '../page/driver.ts';
import { launchFirefox } from '../support/browsers.ts';
import { type Client, clientAt } from '../support/call.ts';
import { farTest } from '../support/far.ts';

const WEAK = { rate_kbps: 500, delay_ms: 20, loss: 0.05, queue_ms: 300 };
const SETTLING_MS = 10_000;
const WATCHED_MS = 20_000;

const test = farTest({ faults: {} });

let firefox: Firefox;
beforeAll(async () => {
  firefox = await launchFirefox();
});
afterAll(() => firefox?.close());

async function joinWithAll(client: Client, ticket: JoinOptions): Promise<void> {
  await client.join(ticket);
  await Promise.all([client.useCamera(true), client.useMicrophone(true)]);
}

/** Frames a second, the longest freeze, and the share of sound that was made up, for a while. */
async function watch(client: Client, whom: string) {
  await client.shown(whom);
  const before = await client.audio(whom);
  await elapsed(WATCHED_MS);
  const [shown, after] = await Promise.all([client.shown(whom), client.audio(whom)]);
  if (!shown) throw new Error(`there is no video of ${whom}`);
  const { codec, height } = await client.video(whom);
  return {
    fps: shown.frames / shown.seconds,
    longestFreezeMs: Math.round(shown.longestMs),
    concealed: (after.concealed - before.concealed) / (after.samples - before.samples),
    codec,
    height,
  };
}

test('500 kbit/s with 5 % loss both ways stay watchable', async ({ far }) => {
  const ann = await far.open('there');
  const fox = await clientAt(await firefox.newPage(), inject('testPage'));
  await far.machine.suffer(WEAK);
  await Promise.all([
    joinWithAll(ann, await far.ticket('there', 'ann')),
    joinWithAll(fox, await far.ticket('here', 'fox')),
  ]);
  await expect.poll(() => ann.shown('fox')).toMatchObject({ frames: expect.any(Number) });
  await expect.poll(() => fox.shown('ann')).toMatchObject({ frames: expect.any(Number) });
  await elapsed(SETTLING_MS);

  const [there, here] = await Promise.all([watch(ann, 'fox'), watch(fox, 'ann')]);
  process.stdout.write(`weak link: ${JSON.stringify({ chromium: there, firefox: here })}\n`);
  for (const seen of [there, here]) {
    expect(seen.fps, 'frames a second').toBeGreaterThan(5);
    expect(seen.longestFreezeMs, 'ms').toBeLessThan(2000);
    expect(seen.concealed, 'share of the sound').toBeLessThan(0.08);
  }
});
