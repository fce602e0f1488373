import { webcrypto } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateRoomName, parseRoomInput, roomOfPath, roomPath } from './room-name';

const HOST = 'meet.example.org';
const fillRandom = (bytes: Uint8Array<ArrayBuffer>) => webcrypto.getRandomValues(bytes);

function sequence(...values: number[]) {
  let next = 0;
  return (bytes: Uint8Array) => {
    bytes[0] = values[next++ % values.length] ?? 0;
  };
}

describe('generateRoomName', () => {
  it('has three, four and three letters', () => {
    expect(generateRoomName(fillRandom)).toMatch(/^[a-z]{3}-[a-z]{4}-[a-z]{3}$/);
  });

  it('leaves out letters that look alike', () => {
    const names = Array.from({ length: 200 }, () => generateRoomName(fillRandom));
    expect(names.join('')).not.toMatch(/[ilo]/);
  });

  it('throws away the bytes that would favour the first letters', () => {
    expect(generateRoomName(sequence(255, 253, 0, 1, 2))).toBe('abc-abca-bca');
  });
});

describe('parseRoomInput', () => {
  it.each([
    ['abc-defg-hij', 'abc-defg-hij'],
    ['  ABC-DEFG-HIJ ', 'abc-defg-hij'],
    ['abc defg hij', 'abc-defg-hij'],
    ['Daily_2', 'Daily_2'],
    ['họp nhóm', 'họp-nhóm'],
    ['ho\u0323p', 'họp'],
    [`https://${HOST}/meet/abc-defg-hij`, 'abc-defg-hij'],
    [`http://${HOST}/meet/abc-defg-hij/?from=mail#top`, 'abc-defg-hij'],
    [`${HOST}/meet/MyRoom`, 'MyRoom'],
    ['/meet/MyRoom', 'MyRoom'],
    [`https://${HOST}/meet/h%E1%BB%8Dp`, 'họp'],
  ])('reads %j as the room %j', (text, room) => {
    expect(parseRoomInput(text, HOST)).toEqual({ ok: true, room });
  });

  it.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['a'.repeat(65), 'too_long'],
    ['-abc', 'bad_characters'],
    ['a?b', 'bad_characters'],
    ['<script>', 'bad_characters'],
    [`https://${HOST}/about`, 'no_room'],
    [`https://${HOST}/meet/`, 'no_room'],
    [`https://${HOST}/meet/%E1%BB`, 'no_room'],
    ['javascript://x/meet/abc', 'bad_characters'],
  ])('refuses %j as %s', (text, problem) => {
    expect(parseRoomInput(text, HOST)).toMatchObject({ ok: false, problem });
  });

  it('accepts a name of exactly the greatest length', () => {
    expect(parseRoomInput('a'.repeat(64), HOST)).toEqual({ ok: true, room: 'a'.repeat(64) });
  });

  it('names the host of a link that belongs to another site', () => {
    expect(parseRoomInput('https://other.example/meet/abc', HOST)).toEqual({
      ok: false,
      problem: 'other_site',
      host: 'other.example',
    });
  });
});

describe('roomPath', () => {
  it('survives the way through an address', () => {
    expect(roomOfPath(roomPath('họp-nhóm'))).toBe('họp-nhóm');
  });
});
