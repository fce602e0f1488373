import { type Room, RoomEvent } from 'livekit-client';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReadableStore } from '../lib/store';
import { type Announcement, Announcer } from '../model/announcer';
import type { ChatEntry, PersonModel } from '../model/meeting';
import { type ConnectionPhase, isRebuilding } from '../model/reconnect';

export interface LiveRegionProps {
  room: Room;
  connection: ReadableStore<ConnectionPhase>;
  people: readonly PersonModel[];
  chat: readonly ChatEntry[];
  /** Who has the chat open reads it there. */
  chatOpen: boolean;
}

/** Says to screen readers who comes and goes, who shares and what is written, in few sentences. */
export function LiveRegion(props: LiveRegionProps) {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const { room, connection } = props;
  useEffect(
    () =>
      announceComings(room, connection, (news) =>
        setWords(
          news
            .map((item) =>
              item.type === 'one'
                ? t(`announce.${item.coming}`, { name: item.name })
                : t(`announce.many_${item.coming}`, { count: item.count }),
            )
            .join('. '),
        ),
      ),
    [room, connection, t],
  );
  const message = useNewMessage(props);
  useEffect(() => {
    if (message) setWords(t('announce.message', { name: message.from, text: message.text }));
  }, [message, t]);
  const sharer = props.people.find((person) => person.sharing && !person.isLocal)?.name;
  useEffect(() => {
    if (sharer) setWords(t('announce.shares', { name: sharer }));
  }, [sharer, t]);
  return (
    <div className="vis-hidden" aria-live="polite" aria-atomic="true">
      {words}
    </div>
  );
}

/** The last message of somebody else that came while the chat was closed. */
function useNewMessage({ chat, chatOpen }: LiveRegionProps): ChatEntry | undefined {
  const read = useRef(chat.length);
  if (chatOpen) read.current = chat.length;
  const last = chat.at(-1);
  return last && !last.isMine && chat.length > read.current ? last : undefined;
}

function announceComings(
  room: Room,
  connection: ReadableStore<ConnectionPhase>,
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
    if (isRebuilding(connection.value)) return;
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
