/** Feeds the tracker of speakers from the room, and lets time pass only while that changes anything. */

import { type Participant, type Room, RoomEvent } from 'livekit-client';
import { type ReadableStore, Store } from '../lib/store';
import { type SpeakersView, SpeakerTracker } from '../model/speakers';

const TICK_MS = 200;

export interface WatchedSpeakers {
  store: ReadableStore<SpeakersView>;
  lastSpokeAt: ReadonlyMap<string, number>;
  stop: () => void;
}

export function watchSpeakers(room: Room): WatchedSpeakers {
  const tracker = new SpeakerTracker();
  const store = new Store<SpeakersView>({ speaking: new Set(), main: undefined });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = (view: SpeakersView) => {
    if (!sameView(view, store.value)) store.set(view);
    clearTimeout(timer);
    if (tracker.restlessAt(Date.now())) {
      timer = setTimeout(() => show(tracker.advance(Date.now())), TICK_MS);
    }
  };
  const onSpeakers = (speakers: Participant[]) => {
    const loudestFirst = [...speakers].sort((a, b) => b.audioLevel - a.audioLevel);
    show(
      tracker.update(
        Date.now(),
        loudestFirst.map((speaker) => speaker.identity),
      ),
    );
  };
  const onGone = (participant: Participant) => {
    tracker.forget(participant.identity);
    show(tracker.advance(Date.now()));
  };
  room.on(RoomEvent.ActiveSpeakersChanged, onSpeakers);
  room.on(RoomEvent.ParticipantDisconnected, onGone);
  return {
    store,
    lastSpokeAt: tracker.lastHeardAt(),
    stop: () => {
      clearTimeout(timer);
      room.off(RoomEvent.ActiveSpeakersChanged, onSpeakers);
      room.off(RoomEvent.ParticipantDisconnected, onGone);
    },
  };
}

function sameView(a: SpeakersView, b: SpeakersView): boolean {
  if (a.main !== b.main || a.speaking.size !== b.speaking.size) return false;
  return [...a.speaking].every((identity) => b.speaking.has(identity));
}
