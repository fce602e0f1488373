/** A walk through everything that our pages can show, in any language. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Guest } from './meet.ts';

const CATALOGUES = new URL('../../../web/meet/src/i18n/catalogues/', import.meta.url).pathname;

export type Texts = ReadonlyMap<string, string>;

export function textsOf(language: string): Texts {
  return flat(JSON.parse(readFileSync(path.join(CATALOGUES, `${language}.json`), 'utf8')));
}

function flat(tree: object, above = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[above + key, value]] : [...flat(value, `${above}${key}.`)],
    ),
  );
}

/** Stops at each sight of the pages; `look` is told its name. */
export async function tour(
  guest: Guest,
  room: string,
  texts: Texts,
  look: (sight: string) => Promise<void>,
): Promise<void> {
  const t = (key: string) => {
    const text = texts.get(key);
    if (text === undefined) throw new Error(`no text is named ${key}`);
    return text;
  };
  const click = (key: string) => guest.button(t(key)).click();

  await guest.visit('/');
  await click('start.join');
  await guest.page.getByText(t('start.problem.empty')).waitFor();
  await look('start');

  await guest.visit(`/meet/${room}`);
  await guest.field(t('prejoin.name')).fill('Nguyễn Thị Minh Khai');
  await guest.button(t('control.camera_on')).waitFor();
  await look('door');

  await click('prejoin.join');
  await guest.page.getByText(t('room.alone_title')).waitFor();
  await look('alone');
  await insideTheRoom(guest, t, look);

  await click('control.leave');
  await guest.page.getByText(t('ended.left')).waitFor();
  await look('end');

  await guest.visit('/meet/no%20such%20room');
  await guest.page.getByText(t('missing.title')).waitFor();
  await look('no such page');
}

async function insideTheRoom(
  guest: Guest,
  t: (key: string) => string,
  look: (sight: string) => Promise<void>,
): Promise<void> {
  const { page } = guest;
  const click = (key: string) => guest.button(t(key)).click();
  await click('control.chat_off');
  await guest.field(t('chat.placeholder')).waitFor();
  await look('chat');
  await click('control.chat_on');

  await click('control.participants_off');
  await page.getByRole('complementary').waitFor();
  await look('participants');
  await click('control.participants_on');

  await click('control.more');
  await page.getByRole('menuitem').first().waitFor();
  await look('more');
  await page.getByRole('menuitem', { name: t('control.settings') }).click();
  for (const tab of ['devices', 'appearance', 'shortcuts']) {
    await page.getByRole('tab', { name: t(`settings.${tab}`) }).click();
    await page.getByRole('tabpanel', { name: t(`settings.${tab}`) }).waitFor();
    await look(`settings: ${tab}`);
  }
  await click('action.close');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}
