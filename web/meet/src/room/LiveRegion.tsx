import { type Room, RoomEvent } from 'livekit-client';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReadableStore } from '../lib/store';
import { type Announcement, Announcer } from '../model/announcer';
import type { ConnectionPhase } from '../model/reconnect';

export interface LiveRegionProps {
  room: Room;
  connection: ReadableStore<ConnectionPhase>;
}

/** Says to screen readers who comes and goes, in as few sentences as it can. */
export function LiveRegion({ room, connection }: LiveRegionProps) {
  const { t } = useTranslation();
  const [news, setNews] = useState<Announcement[]>([]);
  useEffect(() => announceComings({ room, connection }, setNews), [room, connection]);
  const words = news.map((item) =>
    item.type === 'one'
      ? t(`announce.${item.coming}`, { name: item.name })
      : t(`announce.many_${item.coming}`, { count: item.count }),
  );
  return (
    <div className="vis-hidden" aria-live="polite" aria-atomic="true">
      {words.join('. ')}
    </div>
  );
}

function announceComings(
  { room, connection }: LiveRegionProps,
  say: (news: Announcement[]) => void,
): () => void {
  const announcer = new Announcer();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const schedule = () => {
    clearTimeout(timer);
    const due = announcer.dueInMs(Date.now());
    if (due === undefined) return;
    timer = setTimeout(() => {
      say(announcer.take(Date.now()));
      schedule();
    }, due);
  };
  const note = (coming: 'joined' | 'left') => (who: { identity: string; name?: string }) => {
    // While the connection comes back everybody leaves and joins, which nobody did.
    if (connection.value.phase !== 'steady') return;
    announcer.add(who.identity, who.name || who.identity, coming);
    schedule();
  };
  const [onJoined, onLeft] = [note('joined'), note('left')];
  room.on(RoomEvent.ParticipantConnected, onJoined);
  room.on(RoomEvent.ParticipantDisconnected, onLeft);
  return () => {
    clearTimeout(timer);
    room.off(RoomEvent.ParticipantConnected, onJoined);
    room.off(RoomEvent.ParticipantDisconnected, onLeft);
  };
}
