import { setTimeout as elapsed } from 'node:timers/promises';
import { type Browser, chromium, type Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHROMIUM } from '../support/browsers.ts';
import { sharedChromium } from '../support/call.ts';
import { Meeting } from '../support/meet.ts';
import { FarMachine } from '../support/network.ts';
import { type Server, startServer } from '../support/server.ts';

/** What users are promised. Chromium's own checks are 2.5 s apart: its media tells earlier. */
const LONGEST_GAP_MS = 2_000;
const WATCHED_MS = 10_000;

let machine: FarMachine;
let server: Server;
let farBrowser: Browser;
let farAddress: string;

beforeAll(async () => {
  machine = await FarMachine.open({});
  server = await startServer({ http: '0.0.0.0:0' });
  farAddress = `http://${machine.here}:${new URL(server.url).port}`;
  farBrowser = await chromium.launch({
    ...CHROMIUM,
    executablePath: await machine.starterOf(CHROMIUM.executablePath ?? ''),
    args: [...(CHROMIUM.args ?? []), `--unsafely-treat-insecure-origin-as-secure=${farAddress}`],
  });
});

afterAll(async () => {
  await farBrowser?.close();
  await server?.stop();
  await machine?.close();
});

/** Notes how long no new frame came in the video of somebody. */
async function watchGaps(video: Locator): Promise<() => Promise<number>> {
  const handle = await video.evaluateHandle((element) => {
    const watched = { last: performance.now(), longest: 0 };
    const look = (shown: HTMLVideoElement) => {
      shown.requestVideoFrameCallback(() => {
        const now = performance.now();
        watched.longest = Math.max(watched.longest, now - watched.last);
        watched.last = now;
        look(shown);
      });
    };
    look(element as HTMLVideoElement);
    return watched;
  });
  return () =>
    handle.evaluate((watched) => Math.max(watched.longest, performance.now() - watched.last));
}

test('a client behind a NAT that forgets it goes on without a long gap', async () => {
  const meeting = new Meeting(await sharedChromium());
  const [ann, bob] = await Promise.all([
    meeting.join('Ann', { server: farAddress, browser: farBrowser }),
    meeting.join('Bob', { server: `http://127.0.0.1:${new URL(server.url).port}` }),
  ]);
  await Promise.all([ann.expectToReceive(), bob.expectToReceive()]);
  const gaps = await Promise.all([
    watchGaps(ann.tile('Bob').locator('video')),
    watchGaps(bob.tile('Ann').locator('video')),
  ]);
  await machine.suffer({ nat_shift: 4096 });
  await elapsed(WATCHED_MS);
  const [atAnn, atBob] = await Promise.all(gaps.map((longest) => longest()));
  process.stdout.write(`still for ${atAnn?.toFixed(0)} ms there, ${atBob?.toFixed(0)} ms here\n`);
  expect(Math.max(atAnn ?? Infinity, atBob ?? Infinity)).toBeLessThan(LONGEST_GAP_MS);
  await Promise.all([ann.expectToReceive(), bob.expectToReceive()]);
  await meeting.end();
});
