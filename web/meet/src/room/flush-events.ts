/** A repair of the client library: events that it keeps for itself after a full reconnect. */

import { type Room, RoomEvent } from 'livekit-client';

/**
 * While it reconnects, livekit-client (2.23) holds events back, and gives them out once, when it says
 * that it has reconnected. But it goes on holding back for up to two seconds after that, and what
 * comes then is never given out: somebody who comes back at the same time as we do has no picture
 * and no sound. So they are given out here, until it has stopped.
 */
const LAST_MS = 4000;
const EVERY_MS = 50;

/** The part of a room that is not in its types. */
interface Holding {
  emitBufferedEvents?: () => void;
}

export function flushHeldEvents(room: Room): () => void {
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = () => clearInterval(timer);
  const begin = () => {
    stop();
    let left = LAST_MS / EVERY_MS;
    timer = setInterval(() => {
      left -= 1;
      if (left <= 0) stop();
      (room as unknown as Holding).emitBufferedEvents?.();
    }, EVERY_MS);
  };
  room.on(RoomEvent.Reconnected, begin);
  room.on(RoomEvent.Reconnecting, stop);
  room.on(RoomEvent.Disconnected, stop);
  return () => {
    stop();
    room.off(RoomEvent.Reconnected, begin);
    room.off(RoomEvent.Reconnecting, stop);
    room.off(RoomEvent.Disconnected, stop);
  };
}
