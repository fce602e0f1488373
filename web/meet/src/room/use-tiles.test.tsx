import { renderHook } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { RoomPerson } from './snapshot';
import { type TileInputs, useTiles } from './use-tiles';

function someone(identity: string, change: Partial<RoomPerson> = {}): RoomPerson {
  return {
    identity,
    name: identity,
    isLocal: identity === 'me',
    micOn: true,
    cameraOn: false,
    sharing: false,
    sharingSound: false,
    joinedAt: 0,
    ...change,
  };
}

function inputs(people: RoomPerson[], change: Partial<TileInputs> = {}): TileInputs {
  return {
    snapshot: {
      people,
      tiles: people.map(({ identity }) => ({
        key: `${identity}:camera`,
        kind: 'camera',
        identity,
        video: undefined,
      })),
    },
    speakers: { speaking: new Set(), main: undefined },
    lastSpokeAt: new Map(),
    qualities: new Map(),
    hideSelfView: false,
    firstPage: 16,
    interrupted: false,
    ...change,
  };
}

function keysOf(given: TileInputs): string[] {
  return renderHook(() => useTiles(given)).result.current.map((tile) => tile.key);
}

describe('useTiles', () => {
  it('hides the own picture on wish, but not from one who is alone', () => {
    const hide = { hideSelfView: true };
    expect(keysOf(inputs([someone('me'), someone('bob')], hide))).toEqual(['bob:camera']);
    expect(keysOf(inputs([someone('me')], hide))).toEqual(['me:camera']);
  });

  it('shows nobody as speaking whose microphone is off', () => {
    const speakers = { speaking: new Set(['ann', 'bob']), main: undefined };
    const people = [someone('me'), someone('ann'), someone('bob', { micOn: false })];
    const { result } = renderHook(() => useTiles(inputs(people, { speakers })));
    expect(result.current.map((tile) => tile.speaking)).toEqual([false, true, false]);
  });

  it('keeps people in their places when others come', () => {
    const first = inputs([someone('me'), someone('bob')]);
    const { result, rerender } = renderHook((given: TileInputs) => useTiles(given), {
      initialProps: first,
    });
    rerender(inputs([someone('me'), someone('ann'), someone('bob')]));
    expect(result.current.map((tile) => tile.identity)).toEqual(['me', 'bob', 'ann']);
  });

  it('does not call the own connection good while it is away', () => {
    const qualities = new Map([['me', { level: 'excellent' } as const]]);
    const given = inputs([someone('me')], { qualities, interrupted: true });
    const { result } = renderHook(() => useTiles(given));
    expect(result.current[0]?.quality?.level).toBe('lost');
  });
});
