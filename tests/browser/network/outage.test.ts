import { setTimeout as elapsed } from 'node:timers/promises';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM } from '../support/browsers.ts';
import { sharedChromium } from '../support/call.ts';
import { Meeting } from '../support/meet.ts';
import { FarMachine } from '../support/network.ts';
import { type Server, startServer } from '../support/server.ts';

const OUTAGE_MS = 10_000;
const COMEBACK_MS = 20_000;

let machine: FarMachine;
let server: Server;
let farBrowser: Browser;
let farAddress: string;

beforeAll(async () => {
  // The machine first: the server announces the addresses that are there when it starts.
  machine = await FarMachine.open();
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

const OUTAGES = [
  {
    what: 'the cable is out',
    begin: () => machine.plug('out'),
    end: () => machine.plug('in'),
  },
  {
    what: 'every packet is lost',
    begin: () => machine.lose('all'),
    end: () => machine.lose('none'),
  },
];

describe.each(OUTAGES)('while $what for ten seconds', ({ begin, end }) => {
  test('people are told, and come back by themselves', async () => {
    const meeting = new Meeting(await sharedChromium());
    const [ann, bob] = await Promise.all([
      meeting.join('Ann', { server: farAddress, browser: farBrowser }),
      meeting.join('Bob', { server: `http://127.0.0.1:${new URL(server.url).port}` }),
    ]);
    await Promise.all([ann.expectToReceive(), bob.expectToReceive()]);

    const over = elapsed(OUTAGE_MS);
    await begin();
    const banner = ann.page.getByRole('alert').filter({ hasText: 'Connection lost' });
    await banner.waitFor({ timeout: OUTAGE_MS });
    await expect.poll(() => ann.plays('Bob')).toBe(false);
    expect(await ann.tile('Bob').locator('canvas').isVisible(), 'the last frame').toBe(true);
    await over;
    await end();

    await banner.waitFor({ state: 'detached', timeout: COMEBACK_MS });
    await expect.poll(() => ann.plays('Bob')).toBe(true);
    await expect.poll(() => bob.plays('Ann')).toBe(true);
    await Promise.all([ann.expectToReceive(), bob.expectToReceive()]);
    await meeting.end();
  });
});
