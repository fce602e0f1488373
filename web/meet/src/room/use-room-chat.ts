import { useChat } from '@livekit/components-react';
import { useEffect, useMemo, useState } from 'react';
import type { ChatEntry } from '../model/meeting';

export interface RoomChat {
  entries: ChatEntry[];
  unread: number;
  send: (text: string) => Promise<void>;
}

/** The chat of the LiveKit room around us as entries, and how many came while the panel was closed. */
export function useRoomChat(open: boolean): RoomChat {
  const { chatMessages, send } = useChat();
  const [seen, setSeen] = useState(0);
  const entries = useMemo(
    () =>
      chatMessages.map((message) => ({
        id: message.id,
        from: message.from?.name || message.from?.identity || '',
        isMine: message.from?.isLocal ?? false,
        text: message.message,
        at: message.timestamp,
      })),
    [chatMessages],
  );
  useEffect(() => {
    if (open) setSeen(entries.length);
  }, [open, entries.length]);
  const unread = open ? 0 : entries.slice(seen).filter((entry) => !entry.isMine).length;
  return {
    entries,
    unread,
    send: async (text) => {
      await send(text);
    },
  };
}
