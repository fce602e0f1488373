/** Room names: making unguessable ones, and reading what people type or paste. */

/** Letters that are not mistaken for one another when read aloud or copied by hand. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz';
const GROUPS = [3, 4, 3] as const;
const GENERATED = /^[a-z]{3}-[a-z]{4}-[a-z]{3}$/;

export const ROOM_NAME_LENGTH_MAX = 64;
const ALLOWED = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.~-]*$/u;

export type FillRandom = (bytes: Uint8Array<ArrayBuffer>) => void;

export type RoomInput =
  | { ok: true; room: string }
  | { ok: false; problem: 'empty' | 'too_long' | 'bad_characters' | 'no_room' }
  | { ok: false; problem: 'other_site'; host: string };

/** A name such as `mkt-whsp-ueb`: 23^10 of them, so that a guess is worth nothing. */
export function generateRoomName(fillRandom: FillRandom): string {
  return GROUPS.map((length) => randomLetters(length, fillRandom)).join('-');
}

function randomLetters(length: number, fillRandom: FillRandom): string {
  // Bytes past the last whole multiple are thrown away, or the first letters would come up more.
  const limit = 256 - (256 % ALPHABET.length);
  const byte = new Uint8Array(1);
  let letters = '';
  while (letters.length < length) {
    fillRandom(byte);
    const value = byte[0] ?? limit;
    if (value < limit) letters += ALPHABET.charAt(value % ALPHABET.length);
  }
  return letters;
}

/** Reads a code such as `ABC defg hij`, a room name, or a whole link to a room of this site. */
export function parseRoomInput(text: string, siteHost: string): RoomInput {
  const input = text.normalize('NFC').trim();
  if (input === '') return { ok: false, problem: 'empty' };
  if (looksLikeLink(input)) return parseLink(input, siteHost);
  const dashed = input.replace(/\s+/g, '-');
  const lower = dashed.toLowerCase();
  return checkRoomName(GENERATED.test(lower) ? lower : dashed);
}

/** The room of a `/meet/{room}` path; undefined when the path is of another shape. */
export function roomOfPath(pathname: string): string | undefined {
  const match = /^\/meet\/([^/]+)\/?$/.exec(pathname);
  if (!match?.[1]) return undefined;
  try {
    return decodeURIComponent(match[1]).normalize('NFC');
  } catch {
    return undefined;
  }
}

export function checkRoomName(name: string): RoomInput {
  if (name === '') return { ok: false, problem: 'empty' };
  if ([...name].length > ROOM_NAME_LENGTH_MAX) return { ok: false, problem: 'too_long' };
  if (!ALLOWED.test(name)) return { ok: false, problem: 'bad_characters' };
  return { ok: true, room: name };
}

export function roomPath(room: string): string {
  return `/meet/${encodeURIComponent(room)}`;
}

function looksLikeLink(input: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(input) || input.includes('/');
}

function parseLink(input: string, siteHost: string): RoomInput {
  const url = toUrl(input, siteHost);
  if (!url) return { ok: false, problem: 'bad_characters' };
  if (url.host !== siteHost) return { ok: false, problem: 'other_site', host: url.host };
  const room = roomOfPath(url.pathname);
  if (room === undefined) return { ok: false, problem: 'no_room' };
  return checkRoomName(room);
}

function toUrl(input: string, siteHost: string): URL | undefined {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(input);
  const prefix = input.startsWith('/') ? `https://${siteHost}` : 'https://';
  try {
    const url = new URL(hasScheme ? input : prefix + input);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
  } catch {
    return undefined;
  }
}
