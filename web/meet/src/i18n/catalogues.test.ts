import { describe, expect, it } from 'vitest';
import en from './catalogues/en.json';
import kk from './catalogues/kk.json';
import ru from './catalogues/ru.json';
import vi from './catalogues/vi.json';
import { openTranslations, switchLanguage } from './index';
import { chooseLanguage, LANGUAGES } from './languages';

const CATALOGUES: Record<string, object> = { en, ru, vi, kk };
const PLURAL = /_(zero|one|two|few|many|other)$/;

function flat(tree: object, path = ''): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const full = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'string') texts.set(full, value);
    else for (const [inner, text] of flat(value, full)) texts.set(inner, text);
  }
  return texts;
}

/** Plural families of English: keys that have both `_one` and `_other`. */
function pluralFamilies(): Set<string> {
  const keys = new Set(flat(en).keys());
  return new Set(
    [...keys]
      .filter((key) => key.endsWith('_one') && keys.has(key.replace(/_one$/, '_other')))
      .map((key) => key.replace(PLURAL, '')),
  );
}

const families = pluralFamilies();

function isPluralForm(key: string): boolean {
  return PLURAL.test(key) && families.has(key.replace(PLURAL, ''));
}

function plainKeys(tree: object): string[] {
  return [...flat(tree).keys()].filter((key) => !isPluralForm(key)).sort();
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '').sort();
}

describe.each(LANGUAGES.map((language) => language.code))('the catalogue %s', (code) => {
  const texts = flat(CATALOGUES[code] ?? {});

  it('has the keys of the English one and no others', () => {
    expect(plainKeys(CATALOGUES[code] ?? {})).toEqual(plainKeys(en));
  });

  it('has no empty text and no stray space', () => {
    for (const [key, text] of texts) {
      expect(text, key).not.toBe('');
      expect(text, key).toBe(text.trim());
    }
  });

  it('is written in composed Unicode', () => {
    for (const [key, text] of texts) expect(text, key).toBe(text.normalize('NFC'));
  });

  it('keeps the placeholders of the English text', () => {
    const english = flat(en);
    for (const [key, text] of texts) {
      const source = english.get(key) ?? english.get(key.replace(PLURAL, '_other')) ?? '';
      expect(placeholders(text), key).toEqual(placeholders(source));
    }
  });

  it('has exactly the plural forms of its language', () => {
    const wanted = new Intl.PluralRules(code).resolvedOptions().pluralCategories.sort();
    for (const family of families) {
      const forms = [...texts.keys()]
        .filter((key) => isPluralForm(key) && key.replace(PLURAL, '') === family)
        .map((key) => PLURAL.exec(key)?.[1] ?? '');
      expect(forms.sort(), family).toEqual(wanted);
    }
  });

  if (code !== 'en') {
    it('is translated', () => {
      const same = [...texts].filter(([key, text]) => flat(en).get(key) === text);
      expect(same.map(([key]) => key)).toEqual(['brand', 'start.code_placeholder']);
    });
  }
});

describe('counting', () => {
  it.each([
    ['en', 1, '1 participant'],
    ['en', 2, '2 participants'],
    ['ru', 1, '1 участник'],
    ['ru', 3, '3 участника'],
    ['ru', 5, '5 участников'],
    ['ru', 21, '21 участник'],
    ['vi', 1, '1 người tham gia'],
    ['vi', 5, '5 người tham gia'],
    ['kk', 5, '5 қатысушы'],
  ] as const)('in %s gives for %i: %s', async (language, count, text) => {
    const translations = await openTranslations(language);
    expect(translations.t('people.title', { count })).toBe(text);
  });

  it('follows a change of language', async () => {
    const translations = await openTranslations('en');
    await switchLanguage(translations, 'ru');
    expect(translations.t('chat.send')).toBe('Отправить');
  });
});

describe('chooseLanguage', () => {
  it.each([
    ['vi', ['ru-RU'], 'vi'],
    [undefined, ['ru-RU', 'en'], 'ru'],
    [undefined, ['de', 'kk-KZ'], 'kk'],
    [undefined, ['de'], 'en'],
    ['xx', [], 'en'],
  ])('with %s remembered and %j in the browser is %s', (remembered, browser, language) => {
    expect(chooseLanguage(remembered, browser)).toBe(language);
  });
});
