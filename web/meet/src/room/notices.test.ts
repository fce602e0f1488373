import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Notices } from './notices';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('Notices', () => {
  it('go away by themselves', () => {
    const notices = new Notices();
    notices.show({ kind: 'muted_speech' });
    vi.advanceTimersByTime(5999);
    expect(notices.store.value?.kind).toBe('muted_speech');
    vi.advanceTimersByTime(1);
    expect(notices.store.value).toBeUndefined();
  });

  it('stay when they tell of something that lasts', () => {
    const notices = new Notices();
    notices.show({ kind: 'dead_microphone' });
    vi.advanceTimersByTime(3_600_000);
    expect(notices.store.value?.kind).toBe('dead_microphone');
    notices.hide('dead_microphone');
    expect(notices.store.value).toBeUndefined();
  });

  it('give way to newer ones and keep their own time', () => {
    const notices = new Notices();
    notices.show({ kind: 'muted_speech' });
    vi.advanceTimersByTime(5000);
    notices.show({ kind: 'restored' });
    vi.advanceTimersByTime(2000);
    expect(notices.store.value?.kind).toBe('restored');
  });

  it('are taken away only by their own kind', () => {
    const notices = new Notices();
    notices.show({ kind: 'talking' });
    notices.hide('dead_microphone');
    expect(notices.store.value?.kind).toBe('talking');
  });
});
