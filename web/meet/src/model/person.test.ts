import { describe, expect, it } from 'vitest';
import { AVATAR_COLOURS, colourOf, initialsOf, NAME_LENGTH_MAX, tidyName } from './person';

describe('tidyName', () => {
  it.each([
    ['  Ann   Lee ', 'Ann Lee'],
    ['Ann\n\tLee', 'Ann Lee'],
    ['Nguye\u0302\u0303n', 'Nguyễn'],
    ['\u202eevil', 'evil'],
    ['\u0000', ''],
  ])('turns %j into %j', (text, name) => {
    expect(tidyName(text)).toBe(name);
  });

  it('cuts between characters and not inside one', () => {
    expect(tidyName('😀'.repeat(NAME_LENGTH_MAX + 1))).toBe('😀'.repeat(NAME_LENGTH_MAX));
  });
});

describe('initialsOf', () => {
  it.each([
    ['Ann', 'A'],
    ['ann lee', 'AL'],
    ['Nguyễn Văn An', 'NA'],
    ['Әлия Қ.', 'ӘҚ'],
    ['(guest) "Bob"', 'GB'],
    ['', '?'],
    ['...', '?'],
  ])('of %j are %j', (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });
});

describe('colourOf', () => {
  it('is steady and within the palette', () => {
    for (const identity of ['a', 'participant-7', 'Әлия']) {
      expect(colourOf(identity)).toBe(colourOf(identity));
      expect(colourOf(identity)).toBeLessThan(AVATAR_COLOURS);
    }
  });
});
