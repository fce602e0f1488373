import { EventEmitter } from 'node:events';
import { type Room, RoomEvent } from 'livekit-client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { flushHeldEvents } from './flush-events';

class HoldingRoom extends EventEmitter {
  emitBufferedEvents = vi.fn();
}

let room: HoldingRoom;
let end: () => void;
beforeEach(() => {
  vi.useFakeTimers();
  room = new HoldingRoom();
  end = flushHeldEvents(room as unknown as Room);
});
afterEach(() => {
  end();
  vi.useRealTimers();
});

it('gives out what is held back for some seconds after a reconnect', () => {
  vi.advanceTimersByTime(1000);
  expect(room.emitBufferedEvents).not.toHaveBeenCalled();
  room.emit(RoomEvent.Reconnected);
  vi.advanceTimersByTime(2000);
  expect(room.emitBufferedEvents).toHaveBeenCalledTimes(40);
  vi.advanceTimersByTime(10_000);
  expect(room.emitBufferedEvents).toHaveBeenCalledTimes(80);
});

it.each([RoomEvent.Reconnecting, RoomEvent.Disconnected])('stops at %s', (event) => {
  room.emit(RoomEvent.Reconnected);
  room.emit(event);
  vi.advanceTimersByTime(1000);
  expect(room.emitBufferedEvents).not.toHaveBeenCalled();
});

it('leaves nothing behind', () => {
  room.emit(RoomEvent.Reconnected);
  end();
  vi.advanceTimersByTime(1000);
  expect(room.emitBufferedEvents).not.toHaveBeenCalled();
  expect(room.eventNames()).toEqual([]);
});
