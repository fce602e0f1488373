import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect } from 'vitest';
import { DESK, type Guest, PHONE, meetingTest as test } from '../support/meet.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function signIn(operator: Guest, secret = 'secret'): Promise<void> {
  await operator.visit('/portal/debug');
  await operator.field('API key').fill('devkey');
  await operator.page.getByLabel('API secret').fill(secret);
  await operator.page.keyboard.press('Enter');
}

describe('the debug page', () => {
  for (const [device, viewport] of [
    ['desk', DESK],
    ['phone', PHONE],
  ] as const) {
    test(`shows a call while it goes on, on a ${device}`, async ({ meeting }) => {
      await Promise.all([meeting.join('Ann'), meeting.join('Bob')]);
      const operator = await meeting.guest({ viewport, colorScheme: 'dark' });
      await signIn(operator);
      const link = operator.page.getByRole('link', { name: meeting.room });
      await link.waitFor();
      expect(await operator.overflow()).toBe(0);
      // By keyboard alone: into the room, and to somebody's details.
      await link.focus();
      await operator.page.keyboard.press('Enter');
      const ann = operator.page.locator('summary', { hasText: 'Ann' });
      await expect.poll(() => ann.innerText()).toMatch(/[1-9][\d,.]* [kM]bit\/s/);
      await ann.focus();
      await operator.page.keyboard.press('Enter');
      const sent = operator.page.getByRole('table', { name: 'What they send' });
      await expect.poll(() => sent.innerText()).toMatch(/Camera\s+(vp8|vp9|h264|av1)/i);
      await operator.page.getByRole('table', { name: 'What they receive' }).waitFor();
      await expect
        .poll(() => operator.page.locator('figure path').nth(1).getAttribute('d'))
        .toMatch(/L/);
      expect(await operator.overflow()).toBe(0);
      await operator.page.evaluate(AXE);
      const found = await operator.page.evaluate(
        async () => (await window.axe?.run())?.violations.map(({ id }) => id) ?? [],
      );
      expect(found).toEqual([]);
      await operator.button('Sign out').click();
      await operator.field('API key').waitFor();
    });
  }

  test('says that the secret is wrong', async ({ meeting }) => {
    const operator = await meeting.guest();
    await signIn(operator, 'wrong');
    await operator.page.getByText('The key or the secret is wrong.').waitFor();
    // The browser itself tells of the 401.
    expect((await operator.takeComplaints()).every((line) => line.includes('401'))).toBe(true);
  });
});
