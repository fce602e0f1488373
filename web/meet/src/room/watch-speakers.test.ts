import { type Participant, RoomEvent } from 'livekit-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeParticipant, fakeRoom } from '../testing/fake-room';
import { watchSpeakers } from './watch-speakers';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function speaker(identity: string, audioLevel: number): Participant {
  return Object.assign(fakeParticipant({ identity }), { audioLevel });
}

describe('watchSpeakers', () => {
  it('takes the loudest for the main speaker', () => {
    const room = fakeRoom(fakeParticipant({ identity: 'me', isLocal: true }));
    const watched = watchSpeakers(room);
    room.emit(RoomEvent.ActiveSpeakersChanged, [speaker('soft', 0.1), speaker('loud', 0.8)]);
    expect(watched.store.value.main).toBe('loud');
    expect([...watched.store.value.speaking].sort()).toEqual(['loud', 'soft']);
    watched.stop();
  });

  it('lets the ring end by itself and then rests', () => {
    const room = fakeRoom(fakeParticipant({ identity: 'me', isLocal: true }));
    const watched = watchSpeakers(room);
    room.emit(RoomEvent.ActiveSpeakersChanged, [speaker('ann', 0.5)]);
    room.emit(RoomEvent.ActiveSpeakersChanged, []);
    expect(watched.store.value.speaking.has('ann')).toBe(true);
    vi.advanceTimersByTime(1000);
    expect(watched.store.value.speaking.has('ann')).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
    watched.stop();
  });
});
