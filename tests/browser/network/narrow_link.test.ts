import { expect } from 'vitest';
import type { Client } from '../support/call.ts';
import { farTest } from '../support/far.ts';

const WIDE = { rate_kbps: 3000, delay_ms: 20, queue_ms: 300 };
const NARROW = { rate_kbps: 70, delay_ms: 20, queue_ms: 300 };

const test = farTest({ faults: WIDE });

/** The last that the client was told of a stream. */
async function streamState(client: Client): Promise<string | undefined> {
  const heard = await client.heard();
  return heard.filter(({ event }) => event.startsWith('stream_')).at(-1)?.event;
}

test('a video that the link does not carry is paused, and the client is told', async ({ far }) => {
  const speaker = await far.join('here', 'speaker');
  await Promise.all([speaker.useCamera(true), speaker.useMicrophone(true)]);
  const viewer = await far.join('there', 'viewer');
  await expect.poll(() => viewer.shown('speaker')).toMatchObject({ frames: expect.any(Number) });

  await far.machine.suffer(NARROW);
  await expect.poll(() => streamState(viewer), { timeout: 40_000 }).toBe('stream_paused');
  await far.machine.suffer(WIDE);
  await expect.poll(() => streamState(viewer), { timeout: 40_000 }).toBe('stream_active');
  await expect.poll(() => viewer.shown('speaker')).toMatchObject({ frames: expect.any(Number) });
});
