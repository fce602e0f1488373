import type { Browser } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject } from 'vitest';
import { FIREFOX_HERTZ, launchFirefox } from '../support/browsers.ts';
import { type Call, type Client, callTest, clientAt, MODES } from '../support/call.ts';
import { near } from '../support/matchers.ts';
import { meetingTest } from '../support/meet.ts';

const SOUND = { ann: 440, bob: 660, fox: FIREFOX_HERTZ };
const PICTURE = { ann: 'red', bob: 'green', fox: 'blue' } as const;

type Name = keyof typeof SOUND;

let firefox: Browser;

beforeAll(async () => {
  firefox = await launchFirefox();
});

afterAll(async () => {
  await firefox.close();
});

afterEach(async () => {
  for (const page of await firefox.pages()) await page.goto('about:blank');
});

async function joinByFirefox(call: Call, identity: string): Promise<Client> {
  const client = await clientAt(await firefox.newPage(), inject('testPage'));
  await client.join(await call.ticket(identity));
  return client;
}

async function publish(client: Client, name: Name): Promise<void> {
  const sound = name === 'fox' ? client.useMicrophone(true) : client.publishTone(SOUND[name]);
  await Promise.all([client.publishPicture(PICTURE[name]), sound]);
}

async function expectToMeet(client: Client, name: Name): Promise<void> {
  await expect.poll(() => client.video(name)).toMatchObject({ shows: PICTURE[name] });
  const before = await client.video(name);
  await expect
    .poll(async () => (await client.video(name)).framesDecoded)
    .toBeGreaterThan(before.framesDecoded + 5);
  await expect.poll(async () => (await client.audio(name)).energy).toBeGreaterThan(0);
}

describe.each(MODES)('Firefox among Chromium in %s mode', (mode) => {
  const test = callTest(mode);

  test('three people all see and hear each other', async ({ call }) => {
    const [ann, bob, fox] = await Promise.all([
      call.join('ann'),
      call.join('bob'),
      joinByFirefox(call, 'fox'),
    ]);
    const clients = { ann, bob, fox };
    const names: Name[] = ['ann', 'bob', 'fox'];
    await Promise.all(names.map((name) => publish(clients[name], name)));
    for (const viewer of names) {
      for (const name of names) if (viewer !== name) await expectToMeet(clients[viewer], name);
    }
    // Firefox has no spectrum of what it hears here.
    for (const [listener, name] of [
      [ann, 'bob'],
      [bob, 'ann'],
      [ann, 'fox'],
      [bob, 'fox'],
    ] as const) {
      await expect.poll(() => listener.audio(name)).toMatchObject({ hertz: near(SOUND[name]) });
    }
  });
});

describe('our pages in Firefox', () => {
  meetingTest('a person there and one in Chromium see each other', async ({ meeting }) => {
    const ann = await meeting.join('Ann');
    const page = await firefox.newPage();
    await page.goto(ann.page.url());
    await page.locator('input[autocomplete="name"]').fill('Fox');
    await page.locator('button ::-p-text(Join now)').click();
    await expect.poll(() => ann.plays('Fox')).toBe(true);
    await ann.expectToReceive();
    await page.waitForFunction(() => {
      const video = document.querySelector<HTMLVideoElement>('figure[aria-label^="Ann"] video');
      return video !== null && video.videoWidth > 0 && video.currentTime > 1;
    });
  });
});
