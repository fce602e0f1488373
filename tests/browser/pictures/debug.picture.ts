/** Pictures of the debug page with a call going on: `npm run picture -- pictures/debug.picture.ts`. */

import path from 'node:path';
import { expect } from 'vitest';
import { DESK, PHONE, meetingTest as test } from '../support/meet.ts';

/** Some points of five seconds each. */
const WAIT = { timeout: 60_000 };
const FOLDER =
  process.env.VIS_PICTURES ?? new URL('../../../docs/images', import.meta.url).pathname;

for (const [name, viewport] of [
  ['debug', DESK],
  ['debug-phone', PHONE],
] as const) {
  test(`${name}`, async ({ meeting }) => {
    const people = [meeting.join('Ann'), meeting.join('Bob')];
    await Promise.all(people);
    const operator = await meeting.guest({ viewport, colorScheme: 'light' });
    await operator.visit('/portal/debug');
    const shoot = (suffix: string) =>
      operator.page.screenshot({ path: path.join(FOLDER, `${name}${suffix}.png`), fullPage: true });
    if (process.env.VIS_PICTURES) await shoot('-signin');
    await operator.field('API key').fill('devkey');
    await operator.page.getByLabel('API secret').fill('secret');
    await operator.page.keyboard.press('Enter');
    await operator.page.getByRole('link', { name: meeting.room }).waitFor();
    const path40 = () => operator.page.locator('figure path').nth(1).getAttribute('d');
    await expect
      .poll(async () => (await path40())?.split('L').length ?? 0, WAIT)
      .toBeGreaterThan(4);
    if (process.env.VIS_PICTURES) await shoot('-rooms');
    await operator.page.getByRole('link', { name: meeting.room }).click();
    await operator.page.locator('summary', { hasText: 'Ann' }).click();
    await expect
      .poll(async () => (await path40())?.split('L').length ?? 0, WAIT)
      .toBeGreaterThan(4);
    await shoot('');
    if (!process.env.VIS_PICTURES) return;
    await operator.page.emulateMedia({ colorScheme: 'dark' });
    await shoot('-dark');
  });
}
