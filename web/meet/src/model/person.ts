/** How a person is shown: a tidy name, initials and a steady colour. */

export const NAME_LENGTH_MAX = 64;
export const AVATAR_COLOURS = 8;

/** One-line NFC text without control characters; empty when nothing readable is left. */
export function tidyName(text: string): string {
  const oneLine = text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return [...oneLine].slice(0, NAME_LENGTH_MAX).join('').trimEnd();
}

/** First letters of the first and the last word: `Nguyễn Văn An` gives `NA`. */
export function initialsOf(name: string): string {
  const words = tidyName(name)
    .split(' ')
    .map((word) => word.replace(/^[^\p{L}\p{N}]+/u, ''))
    .filter((word) => word !== '');
  const first = words[0];
  if (first === undefined) return '?';
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  return (firstLetter(first) + (last ? firstLetter(last) : '')).toUpperCase();
}

function firstLetter(word: string): string {
  return [...word][0] ?? '';
}

/** The same identity has the same colour on every screen. */
export function colourOf(identity: string): number {
  let hash = 0;
  for (const char of identity) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return hash % AVATAR_COLOURS;
}
