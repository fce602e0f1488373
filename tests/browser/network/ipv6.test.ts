import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHROMIUM } from '../support/browsers.ts';
import { sharedChromium } from '../support/call.ts';
import { Meeting } from '../support/meet.ts';
import { FarMachine } from '../support/network.ts';
import { type Server, startServer } from '../support/server.ts';

let machine: FarMachine;
let server: Server;
let farBrowser: Browser;
let farAddress: string;

beforeAll(async () => {
  machine = await FarMachine.open(undefined, 'ipv6');
  server = await startServer({ http: '[::]:0' });
  farAddress = `http://[${machine.here}]:${new URL(server.url).port}`;
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

test('a client that has IPv6 alone is in a call with one that has both', async () => {
  const meeting = new Meeting(await sharedChromium());
  const [ann, bob] = await Promise.all([
    meeting.join('Ann', { server: farAddress, browser: farBrowser }),
    meeting.join('Bob', { server: `http://[::1]:${new URL(server.url).port}` }),
  ]);
  await Promise.all([ann.expectToReceive(), bob.expectToReceive()]);
  const addresses = await ann.page.evaluate(async () => {
    const found: string[] = [];
    for (const peer of window.peers) {
      for (const row of (await peer.getStats()).values()) {
        if (row.type === 'candidate-pair' && row.state === 'succeeded' && row.nominated) {
          found.push(String((await peer.getStats()).get(row.remoteCandidateId)?.address));
        }
      }
    }
    return found;
  });
  expect(addresses.length).toBeGreaterThan(0);
  for (const address of addresses) expect(address).toContain(':');
  await meeting.end();
});
