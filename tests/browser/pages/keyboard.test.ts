import { describe, expect } from 'vitest';
import { type Guest, meetingTest as test } from '../support/meet.ts';

/** Moves on with Tab until something of that name has the focus. */
async function tabTo(guest: Guest, name: string): Promise<void> {
  const passed: string[] = [];
  while (passed.length < 40) {
    await guest.page.keyboard.press('Tab');
    const focused = await guest.page.evaluate(() => {
      const element = document.activeElement;
      const label =
        element instanceof HTMLInputElement ? element.labels?.[0]?.innerText : undefined;
      return label ?? element?.getAttribute('aria-label') ?? element?.textContent ?? '';
    });
    if (focused === name) return;
    passed.push(focused);
  }
  throw new Error(`"${name}" is not reached by Tab, only ${passed.join(', ')}`);
}

describe('with the keyboard alone', () => {
  test('a meeting is made, joined and left', async ({ meeting }) => {
    const ann = await meeting.guest();
    const { keyboard } = ann.page;
    await ann.visit('/');
    await tabTo(ann, 'Your name');
    await keyboard.type('Ann');
    await tabTo(ann, 'New meeting');
    await keyboard.press('Enter');
    await ann.button('Switch the camera off').waitFor();
    await tabTo(ann, 'Join now');
    await keyboard.press('Enter');
    await ann.controls.waitFor();
    await tabTo(ann, 'Leave the meeting');
    await keyboard.press('Enter');
    await ann.page.getByText('You left the meeting').waitFor();
  });

  test('each control of a meeting has its key', async ({ meeting }) => {
    const ann = await meeting.join('Ann');
    const { keyboard } = ann.page;
    await ann.page.locator('body').press('m');
    await ann.button('Unmute the microphone').waitFor();
    await keyboard.press('v');
    await ann.button('Switch the camera on').waitFor();
    await keyboard.press('Control+e');
    await ann.button('Switch the camera off').waitFor();
    await keyboard.press('w');
    await ann.button('Show everybody').waitFor();
    await keyboard.press('p');
    await ann.button('Close the list of participants').waitFor();
    await keyboard.press('?');
    await ann.page.getByRole('dialog', { name: 'Settings' }).waitFor();
    await keyboard.press('Escape');
    await ann.page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('a muted person is heard while the space bar is held', async ({ meeting }) => {
    const [ann, bob] = await Promise.all([meeting.join('Ann'), meeting.join('Bob')]);
    await ann.page.locator('body').press('m');
    await bob.tile('Ann, muted').waitFor();
    await ann.page.keyboard.down('Space');
    await bob.tile('Ann, muted').waitFor({ state: 'detached' });
    await ann.page.keyboard.up('Space');
    await bob.tile('Ann, muted').waitFor();
  });

  test('the chat takes the focus and gives it back', async ({ meeting }) => {
    const ann = await meeting.join('Ann');
    await tabTo(ann, 'Open the chat');
    await ann.page.keyboard.press('Enter');
    await ann.page.keyboard.type('m is a letter here');
    expect(await ann.field('Write a message').inputValue()).toBe('m is a letter here');
    await ann.button('Mute the microphone').waitFor();
    await ann.page.keyboard.press('Escape');
    await ann.page.getByRole('complementary').waitFor({ state: 'detached' });
    expect(
      await ann.button('Open the chat').evaluate((button) => button === document.activeElement),
    ).toBe(true);
  });
});
