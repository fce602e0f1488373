import { expect, test } from 'vitest';
import { sharedChromium } from '../support/call.ts';
import { type Guest, Meeting } from '../support/meet.ts';
import { startServer } from '../support/server.ts';

/** A busy machine is slow; on an idle one it is well under a second. */
const STILL_LIMIT_MS = 4000;

/** Notes in the page when a new picture of somebody else is shown, on whichever element. */
function watchPictures(): void {
  window.pictures = [];
  const watched = new WeakSet<HTMLVideoElement>();
  const watch = (video: HTMLVideoElement) => {
    const next = () => {
      window.pictures.push(performance.now());
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  };
  setInterval(() => {
    for (const video of document.querySelectorAll<HTMLVideoElement>(
      '[role=figure] video, figure video',
    )) {
      const own = video.closest('figure, [role=figure]')?.textContent?.includes('(you)') ?? false;
      if (own || watched.has(video)) continue;
      watched.add(video);
      watch(video);
    }
  }, 20);
}

declare global {
  interface Window {
    pictures: number[];
  }
}

async function longestStill(guest: Guest, sinceMs: number): Promise<number> {
  const times = await guest.page.evaluate(() => window.pictures);
  const recent = times.filter((time) => time > sinceMs);
  return Math.max(...recent.slice(1).map((time, i) => time - (recent[i] ?? time)));
}

const countOf = (guest: Guest) => guest.page.evaluate(() => window.pictures.length);

test('an upgrade of the server leaves a meeting where it is', async () => {
  const first = await startServer();
  const meeting = new Meeting(await sharedChromium());
  const [ann, bob] = await Promise.all([
    meeting.join('Ann', { server: first.url }),
    meeting.join('Bob', { server: first.url }),
  ]);
  await Promise.all([ann.expectToReceive(), bob.expectToReceive()]);
  await bob.page.evaluate(watchPictures);
  await expect.poll(() => countOf(bob)).toBeGreaterThan(40);

  const began = await bob.page.evaluate(() => performance.now());
  const second = await startServer({ takesOver: first });
  expect(second.url).toBe(first.url);
  const moved = await countOf(bob);
  await expect.poll(() => countOf(bob)).toBeGreaterThan(moved + 100);
  const still = await longestStill(bob, began);
  process.stdout.write(`the picture stood for ${still.toFixed(0)} ms\n`);
  expect(still).toBeLessThan(STILL_LIMIT_MS);
  await Promise.all([ann.expectToReceive(), bob.expectToReceive()]);
  await expect.poll(() => ann.plays('Bob')).toBe(true);
  await expect.poll(() => bob.plays('Ann')).toBe(true);
  await meeting.end();
  await first.stop();
  await second.stop();
});
