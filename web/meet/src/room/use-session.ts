/** The meeting's moving parts, started and stopped with the page. */

import { useEffect, useMemo, useState } from 'react';
import { useStore } from '../lib/store';
import type { EndReason } from '../model/problems';
import { bannerDueInMs } from '../model/reconnect';
import { guardMeeting } from '../platform/tab-guard';
import { keepAwake } from '../platform/wake-lock';
import { flushHeldEvents } from './flush-events';
import { Notices } from './notices';
import type { MeetingSession } from './session';
import { watchMicrophone } from './watch-microphone';
import { watchQuality } from './watch-quality';
import { watchRoom } from './watch-room';
import { watchSpeakers } from './watch-speakers';

type Watched = ReturnType<typeof startWatching>;

function startWatching(session: MeetingSession) {
  const stopFlushing = flushHeldEvents(session.room);
  const room = watchRoom(session.room, session.connection);
  const speakers = watchSpeakers(session.room);
  const quality = watchQuality(session.room, (since) => session.noteSilence(since));
  const stop = () => {
    stopFlushing();
    room.stop();
    speakers.stop();
    quality.stop();
  };
  return { room, speakers, quality, stop };
}

export function useWatched(session: MeetingSession): Watched | undefined {
  const [watched, setWatched] = useState<Watched>();
  useEffect(() => {
    const started = startWatching(session);
    setWatched(started);
    return started.stop;
  }, [session]);
  return watched;
}

export function useNotices(session: MeetingSession): Notices {
  const notices = useMemo(() => new Notices(), []);
  useEffect(() => () => notices.close(), [notices]);
  useEffect(
    () =>
      session.failure.subscribe(() => {
        const failure = session.failure.value;
        if (failure) notices.show({ kind: 'device', failure });
      }),
    [session, notices],
  );
  useEffect(
    () =>
      watchMicrophone(session.room, {
        onMutedSpeech: () => notices.show({ kind: 'muted_speech' }),
        onDead: (dead) =>
          dead ? notices.show({ kind: 'dead_microphone' }) : notices.hide('dead_microphone'),
      }),
    [session, notices],
  );
  return notices;
}

/** Tells when it is over, answers other tabs, and keeps the screen of a phone on. */
export function useMeetingLife(session: MeetingSession, onEnd: (reason: EndReason) => void): void {
  const ended = useStore(session.ended);
  useEffect(() => {
    if (ended) onEnd(ended);
  }, [ended, onEnd]);
  useEffect(() => guardMeeting(session.roomName, () => session.leave('moved_tab')), [session]);
  useEffect(() => {
    const onPhone = window.matchMedia('(pointer: coarse)').matches;
    return onPhone ? keepAwake() : undefined;
  }, []);
  // Going back in the browser's history leaves the page, and so the meeting.
  useEffect(() => {
    const leave = () => session.leave('left');
    window.addEventListener('popstate', leave);
    return () => window.removeEventListener('popstate', leave);
  }, [session]);
}

/** How many tries there were, as soon as people should know of them. */
export function useReconnectTries(session: MeetingSession, notices: Notices): number | undefined {
  const phase = useStore(session.connection);
  const [due, setDue] = useState(false);
  useEffect(() => {
    const wait = bannerDueInMs(phase, Date.now());
    if (wait === undefined) {
      setDue(false);
      return undefined;
    }
    const timer = setTimeout(() => setDue(true), wait);
    return () => clearTimeout(timer);
  }, [phase]);
  useEffect(() => {
    if (due && phase.phase === 'steady') notices.show({ kind: 'restored' });
  }, [due, phase, notices]);
  return due && phase.phase === 'reconnecting' ? phase.tries : undefined;
}
