import { RoomEvent } from 'livekit-client';
import { describe, expect, it, vi } from 'vitest';
import { Store } from '../lib/store';
import { type ConnectionPhase, nextPhase, STEADY } from '../model/reconnect';
import { fakeParticipant, fakeRoom } from '../testing/fake-room';
import { watchRoom } from './watch-room';

function open() {
  const room = fakeRoom(fakeParticipant({ identity: 'me', isLocal: true }));
  const connection = new Store<ConnectionPhase>(STEADY);
  const watched = watchRoom(room, connection);
  const listener = vi.fn();
  watched.store.subscribe(listener);
  const others = room.remoteParticipants as Map<string, unknown>;
  const join = (identity: string) => {
    others.set(identity, fakeParticipant({ identity }));
    room.emit(RoomEvent.ParticipantConnected, others.get(identity) as never);
  };
  const seen = () => watched.store.value.people.map((person) => person.identity);
  return { room, connection, watched, listener, others, join, seen };
}

const turn = () => new Promise<void>((resolve) => queueMicrotask(resolve));

describe('watchRoom', () => {
  it('tells many changes of one moment once', async () => {
    const { join, listener, seen } = open();
    join('ann');
    join('bob');
    await turn();
    expect(listener).toHaveBeenCalledOnce();
    expect(seen()).toEqual(['me', 'ann', 'bob']);
  });

  it('keeps the last picture while the connection is away', async () => {
    const { join, connection, others, room, seen } = open();
    join('ann');
    await turn();
    connection.set(nextPhase(STEADY, { type: 'interrupted', now: 0 }));
    others.clear();
    room.emit(RoomEvent.ParticipantDisconnected, undefined as never);
    await turn();
    expect(seen()).toEqual(['me', 'ann']);
    connection.set(STEADY);
    await turn();
    expect(seen()).toEqual(['me']);
  });

  it('is silent after it was stopped', async () => {
    const { join, watched, listener } = open();
    join('ann');
    watched.stop();
    await turn();
    join('bob');
    await turn();
    expect(listener).not.toHaveBeenCalled();
  });
});
