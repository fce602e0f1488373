/** The picture in the README: three people in a meeting, through a real server. */

import { expect, test } from 'vitest';
import { sharedChromium } from '../support/call.ts';
import { type Guest, Meeting } from '../support/meet.ts';
import { PEOPLE, pictureOf } from './people.ts';

const SPEAKER = 'Bob';
const PATH = new URL('../../../docs/images/call.png', import.meta.url).pathname;

/** Runs in the page before its scripts: its camera shows a drawing, its microphone hums. */
async function drawnCamera([drawing, volume]: readonly [string, number]): Promise<void> {
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = new MediaStream();
    if (wanted?.video) {
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width: 1280, height: 720 });
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(drawing)}`;
      await image.decode();
      setInterval(() => canvas.getContext('2d')?.drawImage(image, 0, 0), 100);
      for (const track of canvas.captureStream(10).getTracks()) stream.addTrack(track);
    }
    if (wanted?.audio) {
      const audio = new AudioContext();
      const hum = new OscillatorNode(audio, { frequency: 220 });
      const out = audio.createMediaStreamDestination();
      hum.connect(new GainNode(audio, { gain: volume })).connect(out);
      hum.start();
      for (const track of out.stream.getTracks()) stream.addTrack(track);
    }
    return stream;
  };
}

async function enter(meeting: Meeting, name: string): Promise<Guest> {
  const guest = await meeting.guest({ colorScheme: 'dark', timezoneId: 'Asia/Ho_Chi_Minh' });
  const person = PEOPLE[name];
  const volume = name === SPEAKER ? 0.4 : 0.01;
  if (person) await guest.page.addInitScript(drawnCamera, [pictureOf(person), volume] as const);
  await guest.enter(meeting.room, name);
  return guest;
}

test('docs/images/call.png', async () => {
  const meeting = new Meeting(await sharedChromium(), 'weekly-plan');
  const ann = await enter(meeting, 'Ann');
  const bob = await enter(meeting, 'Bob');
  const lan = await enter(meeting, 'Lan');
  await lan.button('Mute the microphone').click();
  for (const guest of [bob, lan]) await guest.button('Open the chat').click();
  await ann.button('Open the chat').click();
  await bob.says('Good morning! The new release is on the test server.');
  await lan.says('Tried it with ten people, no hiccup. Numbers: https://example.com/report');
  await ann.says('Great. Let us look at it together.');
  for (const name of ['Bob', 'Lan']) {
    await expect.poll(() => ann.plays(name), { timeout: 20_000 }).toBe(true);
    const video = ann.tile(name).locator('video');
    const width = () => video.evaluate((element: HTMLVideoElement) => element.videoWidth);
    await expect.poll(width, { timeout: 30_000 }).toBeGreaterThanOrEqual(640);
  }
  await expect.poll(() => ann.messages()).toHaveLength(3);
  await ann.tile('Bob, speaking').waitFor();
  await ann.page.mouse.move(600, 700);
  await ann.page.getByRole('tooltip').waitFor({ state: 'detached' });
  await ann.page.screenshot({ path: PATH });
  await meeting.end();
});
