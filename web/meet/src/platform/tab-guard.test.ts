import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askToMakeWay, type ChannelLike, guardMeeting, isOpenElsewhere } from './tab-guard';

/** A broadcast channel that delivers at once, to everybody but the sender. */
function air() {
  const open = new Set<{ hear: (event: MessageEvent) => void }>();
  return (): ChannelLike => {
    const end = { hear: (_event: MessageEvent) => {} };
    open.add(end);
    return {
      postMessage: (data) => {
        for (const other of [...open]) if (other !== end) other.hear({ data } as MessageEvent);
      },
      addEventListener: (_type, listener) => {
        end.hear = listener;
      },
      close: () => open.delete(end),
    };
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('two tabs', () => {
  it('find each other in the same room', async () => {
    const open = air();
    guardMeeting('abc', vi.fn(), open);
    expect(await isOpenElsewhere('abc', open)).toBe(true);
  });

  it('do not mind each other in different rooms', async () => {
    const open = air();
    guardMeeting('abc', vi.fn(), open);
    const answer = isOpenElsewhere('xyz', open);
    await vi.runAllTimersAsync();
    expect(await answer).toBe(false);
  });

  it('are alone after one has left', async () => {
    const open = air();
    guardMeeting('abc', vi.fn(), open)();
    const answer = isOpenElsewhere('abc', open);
    await vi.runAllTimersAsync();
    expect(await answer).toBe(false);
  });

  it('make way for one another', () => {
    const open = air();
    const leave = vi.fn();
    guardMeeting('abc', leave, open);
    askToMakeWay('other', open);
    expect(leave).not.toHaveBeenCalled();
    askToMakeWay('abc', open);
    expect(leave).toHaveBeenCalledOnce();
  });

  it('ignore what others say on the channel', () => {
    const open = air();
    const leave = vi.fn();
    guardMeeting('abc', leave, open);
    for (const noise of [undefined, 'make_way', { type: 'make_way' }, { type: 1, room: 'abc' }]) {
      open().postMessage(noise);
    }
    expect(leave).not.toHaveBeenCalled();
  });
});
