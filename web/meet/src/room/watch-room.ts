/** Follows the room and publishes snapshots of it, at most one for each turn of the event loop. */

import { type Room, RoomEvent } from 'livekit-client';
import { type ReadableStore, Store } from '../lib/store';
import { type ConnectionPhase, isRebuilding } from '../model/reconnect';
import { type RoomSnapshot, snapshotOf } from './snapshot';

const CHANGES = [
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.ParticipantNameChanged,
  RoomEvent.TrackPublished,
  RoomEvent.TrackUnpublished,
  RoomEvent.TrackSubscribed,
  RoomEvent.TrackUnsubscribed,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.LocalTrackPublished,
  RoomEvent.LocalTrackUnpublished,
  RoomEvent.Reconnected,
] as const;

export interface WatchedRoom {
  store: ReadableStore<RoomSnapshot>;
  stop: () => void;
}

/**
 * A full reconnect empties the room and fills it again. People should see the last picture of the
 * meeting meanwhile and not an empty one, so nothing is published while the room is rebuilt.
 */
export function watchRoom(room: Room, connection: ReadableStore<ConnectionPhase>): WatchedRoom {
  const store = new Store(snapshotOf(room));
  let waiting = false;
  let stopped = false;
  const refresh = () => {
    waiting = false;
    if (!stopped && !isRebuilding(connection.value)) store.set(snapshotOf(room));
  };
  const schedule = () => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(refresh);
  };
  for (const change of CHANGES) room.on(change, schedule);
  const unsubscribe = connection.subscribe(schedule);
  return {
    store,
    stop: () => {
      stopped = true;
      unsubscribe();
      for (const change of CHANGES) room.off(change, schedule);
    },
  };
}
