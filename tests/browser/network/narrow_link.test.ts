import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { tokenFor } from '../support/api.ts';
import { CHROMIUM } from '../support/browsers.ts';
import { type Client, clientIn, type Tab } from '../support/call.ts';
import { FarMachine } from '../support/network.ts';
import { type Server, startServer } from '../support/server.ts';
import { serveTestPage, type TestPage } from '../support/test-page.ts';

const WIDE = { rate_kbps: 3000, delay_ms: 20, queue_ms: 300 };
const NARROW = { rate_kbps: 70, delay_ms: 20, queue_ms: 300 };

let machine: FarMachine;
let server: Server;
let page: TestPage;
let far: Browser;
let near: Browser;

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
    chromium.launch(CHROMIUM),
  ]);
});

afterAll(async () => {
  await Promise.all([far?.close(), near?.close()]);
  page?.close();
  await server?.stop();
  await machine?.close();
});

async function clientOf(browser: Browser, url: string): Promise<Client> {
  const tab = await (await browser.newContext()).newPage();
  await tab.goto(url);
  return clientIn(tab as unknown as Tab);
}

async function join(client: Client, identity: string, address: string): Promise<void> {
  const url = `http://${address}:${new URL(server.url).port}`;
  await client.join({ url, token: await tokenFor('narrow-link', identity), single: true });
}

/** The last that the client was told of a stream. */
async function streamState(client: Client): Promise<string | undefined> {
  const heard = await client.heard();
  return heard.filter(({ event }) => event.startsWith('stream_')).at(-1)?.event;
}

test('a video that the link does not carry is paused, and the client is told', async () => {
  const [viewer, speaker] = await Promise.all([
    clientOf(far, page.url),
    clientOf(near, inject('testPage')),
  ]);
  await machine.suffer(WIDE);
  await join(speaker, 'speaker', '127.0.0.1');
  await Promise.all([speaker.useCamera(true), speaker.useMicrophone(true)]);
  await join(viewer, 'viewer', machine.here);
  await expect.poll(() => viewer.shown('speaker')).toMatchObject({ frames: expect.any(Number) });

  await machine.suffer(NARROW);
  await expect.poll(() => streamState(viewer), { timeout: 40_000 }).toBe('stream_paused');
  await machine.suffer(WIDE);
  await expect.poll(() => streamState(viewer), { timeout: 40_000 }).toBe('stream_active');
  await expect.poll(() => viewer.shown('speaker')).toMatchObject({ frames: expect.any(Number) });
});
