import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { describe, expect } from 'vitest';
import { type Guest, meetingTest as test } from '../support/meet.ts';
import { textsOf, tour } from '../support/tour.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SEVERE: readonly unknown[] = ['serious', 'critical'];

declare global {
  interface Window {
    axe?: { run(): Promise<AxeResults> };
  }
}

/** What axe finds on the page, each with the element it blames. */
async function barriers(guest: Guest): Promise<string[]> {
  await settled(guest);
  if (!(await guest.page.evaluate(() => window.axe !== undefined))) await guest.page.evaluate(AXE);
  const violations = await guest.page.evaluate(async () => (await window.axe?.run())?.violations);
  return (violations ?? [])
    .filter(({ impact }) => SEVERE.includes(impact))
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}

/** Half-way through a fade no colour is the one that was meant. */
async function settled(guest: Guest): Promise<void> {
  await guest.page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter((one) => one.effect?.getComputedTiming().iterations !== Infinity)
        .map((one) => one.finished.catch(() => {})),
    ),
  );
}

describe('accessibility', () => {
  for (const colorScheme of ['dark', 'light'] as const) {
    test(`axe finds no serious barrier in ${colorScheme} pages`, async ({ meeting }) => {
      const guest = await meeting.guest({ colorScheme });
      await tour(guest, meeting.room, textsOf('en'), async (sight) => {
        expect(await barriers(guest), sight).toEqual([]);
      });
    });

    test(`axe finds no serious barrier in a ${colorScheme} meeting of two`, async ({ meeting }) => {
      const [ann] = await Promise.all([
        meeting.join('Ann', { colorScheme }),
        meeting.join('Bob', { devices: 'given' }),
      ]);
      await expect.poll(() => ann.plays('Bob')).toBe(true);
      await ann.button('Open the chat').click();
      await ann.says('See https://example.com');
      await ann.button('Share the screen').click();
      await ann.button('Stop').waitFor();
      expect(await barriers(ann)).toEqual([]);
    });
  }
});
