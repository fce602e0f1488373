import { setTimeout as elapsed } from 'node:timers/promises';
import { type Browser, chromium } from 'playwright-core';
import type { Browser as Firefox } from 'puppeteer-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { tokenFor } from '../support/api.ts';
import { CHROMIUM, launchFirefox } from '../support/browsers.ts';
import { type Client, clientIn, type Tab } from '../support/call.ts';
import { FarMachine } from '../support/network.ts';
import { type Server, startServer } from '../support/server.ts';
import { serveTestPage, type TestPage } from '../support/test-page.ts';

const WEAK = { rate_kbps: 500, delay_ms: 20, loss: 0.05, queue_ms: 300 };
const SETTLING_MS = 10_000;
const WATCHED_MS = 20_000;

let machine: FarMachine;
let server: Server;
let page: TestPage;
let far: Browser;
let near: Firefox;

beforeAll(async () => {
  machine = await FarMachine.open({});
  [server, page] = await Promise.all([
    startServer({ http: '0.0.0.0:0' }),
    serveTestPage(machine.here),
  ]);
  [far, near] = await Promise.all([
    chromium.launch({
      ...CHROMIUM,
      executablePath: await machine.starterOf(CHROMIUM.executablePath ?? ''),
      args: [
        ...(CHROMIUM.args ?? []),
        `--unsafely-treat-insecure-origin-as-secure=${new URL(page.url).origin}`,
      ],
    }),
    launchFirefox(),
  ]);
});

afterAll(async () => {
  await Promise.all([far?.close(), near?.close()]);
  page?.close();
  await server?.stop();
  await machine?.close();
});

async function join(client: Client, identity: string, address: string): Promise<void> {
  const url = `http://${address}:${new URL(server.url).port}`;
  const token = await tokenFor('weak-link', identity);
  await client.join({ url, token, single: true });
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

test('500 kbit/s with 5 % loss both ways stay watchable', async () => {
  const farPage = await (await far.newContext()).newPage();
  const nearPage = await near.newPage();
  await Promise.all([farPage.goto(page.url), nearPage.goto(inject('testPage'))]);
  const [ann, fox] = [clientIn(farPage as unknown as Tab), clientIn(nearPage as unknown as Tab)];
  await machine.suffer(WEAK);
  await Promise.all([join(ann, 'ann', machine.here), join(fox, 'fox', '127.0.0.1')]);
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
