import { describe, expect } from 'vitest';
import { type Guest, PHONE, SMALL_PHONE, meetingTest as test } from '../support/meet.ts';
import { textsOf, tour } from '../support/tour.ts';

/** Everything that is written or read out on a page. */
function textsOnPage(guest: Guest): Promise<string[]> {
  return guest.page.evaluate(() => {
    const spoken = ['aria-label', 'title', 'placeholder', 'alt'];
    const texts = [document.title, ...document.body.innerText.split('\n')];
    for (const element of document.querySelectorAll('*')) {
      for (const name of spoken) texts.push(element.getAttribute(name) ?? '');
    }
    return texts.filter((text) => text !== '');
  });
}

describe('on a phone in', () => {
  for (const [locale, language] of [
    ['en-GB', 'en'],
    ['ru-RU', 'ru'],
    ['vi-VN', 'vi'],
    ['kk-KZ', 'kk'],
  ] as const) {
    test(`${language} every text has its words and its place`, async ({ meeting }) => {
      const texts = textsOf(language);
      const guest = await meeting.guest({ locale, viewport: PHONE, hasTouch: true });
      await tour(guest, meeting.room, texts, async (sight) => {
        const seen = await textsOnPage(guest);
        expect(
          seen.filter((text) => texts.has(text)),
          `keys in place of texts: ${sight}`,
        ).toEqual([]);
        expect(
          seen.filter((text) => text.includes('{{')),
          `unfilled texts: ${sight}`,
        ).toEqual([]);
        for (const size of [SMALL_PHONE, PHONE]) {
          await guest.page.setViewportSize(size);
          await expect
            .poll(() => guest.overflow(), { message: `${sight} at ${size.width} pixels` })
            .toBe(0);
        }
        expect(await guest.page.locator('html').getAttribute('lang')).toBe(language);
      });
    });
  }

  test('the chosen language is remembered', async ({ meeting }) => {
    const guest = await meeting.guest();
    await guest.visit('/');
    await guest.page.getByLabel('Language').selectOption('kk');
    await guest.button(textsOf('kk').get('start.new_meeting') ?? '').waitFor();
    await guest.page.reload();
    await guest.button(textsOf('kk').get('start.new_meeting') ?? '').waitFor();
  });
});
