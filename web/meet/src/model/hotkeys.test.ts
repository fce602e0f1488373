import { describe, expect, it } from 'vitest';
import { actionOf, type KeyPress, SHORTCUTS } from './hotkeys';

function press(key: string, change: Partial<KeyPress> = {}): KeyPress {
  const code = /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : '';
  return { key, code, ctrl: false, meta: false, alt: false, shift: false, ...change };
}

describe('actionOf', () => {
  it.each([
    ['m', 'microphone'],
    ['M', 'microphone'],
    ['v', 'camera'],
    ['d', 'share'],
    ['c', 'chat'],
    ['p', 'participants'],
    ['w', 'view'],
    [' ', 'talk'],
  ])('takes %j for %s', (key, action) => {
    expect(actionOf(press(key), 'page', true)).toBe(action);
  });

  it('takes a question mark for help, with shift or without', () => {
    expect(actionOf(press('?', { shift: true }), 'page', true)).toBe('help');
    expect(actionOf(press('?'), 'page', true)).toBe('help');
  });

  it('takes Ctrl or Cmd with D and E for microphone and camera', () => {
    expect(actionOf(press('d', { ctrl: true }), 'page', true)).toBe('microphone');
    expect(actionOf(press('e', { meta: true }), 'page', true)).toBe('camera');
  });

  it('leaves other combinations to the browser', () => {
    expect(actionOf(press('c', { ctrl: true }), 'page', true)).toBeUndefined();
    expect(actionOf(press('m', { alt: true }), 'page', true)).toBeUndefined();
    expect(actionOf(press('m', { shift: true }), 'page', true)).toBeUndefined();
    expect(actionOf(press('d', { ctrl: true, shift: true }), 'page', true)).toBeUndefined();
  });

  it('knows the key under another alphabet', () => {
    expect(actionOf(press('ь', { code: 'KeyM' }), 'page', true)).toBe('microphone');
    expect(actionOf(press('в', { code: 'KeyD', ctrl: true }), 'page', true)).toBe('microphone');
  });

  it('goes by the letter and not by the place on other Latin layouts', () => {
    expect(actionOf(press('m', { code: 'Semicolon' }), 'page', true)).toBe('microphone');
    expect(actionOf(press(',', { code: 'KeyM' }), 'page', true)).toBeUndefined();
  });

  it('is off inside text, but for the combinations', () => {
    expect(actionOf(press('m'), 'text', true)).toBeUndefined();
    expect(actionOf(press('?'), 'text', true)).toBeUndefined();
    expect(actionOf(press('d', { ctrl: true }), 'text', true)).toBe('microphone');
  });

  it('leaves Space to a focused button', () => {
    expect(actionOf(press(' '), 'control', true)).toBeUndefined();
    expect(actionOf(press('m'), 'control', true)).toBe('microphone');
  });

  it('has no single keys when they are switched off', () => {
    for (const key of ['m', 'v', 'd', 'c', 'p', 'w', ' ', '?']) {
      expect(actionOf(press(key), 'page', false)).toBeUndefined();
    }
    expect(actionOf(press('d', { ctrl: true }), 'page', false)).toBe('microphone');
  });
});

describe('SHORTCUTS', () => {
  it('lists what really works', () => {
    for (const line of SHORTCUTS) {
      const last = line.keys.at(-1) ?? '';
      const key = last === 'Space' ? ' ' : last.toLowerCase();
      expect(actionOf(press(key, { ctrl: line.keys.includes('Ctrl') }), 'page', true)).toBe(
        line.action,
      );
    }
  });
});
