/**
 * Two tabs of one browser in one meeting hear each other and howl. A tab that is about to join asks
 * the others; one that is in the meeting answers, and leaves when it is asked to.
 */

export interface ChannelLike {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  close(): void;
}

export type OpenChannel = (name: string) => ChannelLike;

const CHANNEL = 'visavis.meet';
const ANSWER_WITHIN_MS = 250;

type TabMessage = { type: 'anyone' | 'here' | 'make_way'; room: string };

function messageOf(data: unknown): TabMessage | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { type, room } = data as Record<string, unknown>;
  if (typeof room !== 'string') return undefined;
  return type === 'anyone' || type === 'here' || type === 'make_way' ? { type, room } : undefined;
}

function onMessage(channel: ChannelLike, handle: (message: TabMessage) => void): void {
  channel.addEventListener('message', (event) => {
    const message = messageOf(event.data);
    if (message) handle(message);
  });
}

const openBroadcast: OpenChannel = (name) => new BroadcastChannel(name);

/** True when another tab is in the meeting already. */
export function isOpenElsewhere(room: string, open: OpenChannel = openBroadcast): Promise<boolean> {
  return new Promise((resolve) => {
    const channel = open(CHANNEL);
    const finish = (answer: boolean) => {
      clearTimeout(patience);
      channel.close();
      resolve(answer);
    };
    const patience = setTimeout(() => finish(false), ANSWER_WITHIN_MS);
    onMessage(channel, (message) => {
      if (message.type === 'here' && message.room === room) finish(true);
    });
    channel.postMessage({ type: 'anyone', room });
  });
}

export function askToMakeWay(room: string, open: OpenChannel = openBroadcast): void {
  const channel = open(CHANNEL);
  channel.postMessage({ type: 'make_way', room });
  channel.close();
}

/** While in a meeting: answers other tabs. Returns how to stop. */
export function guardMeeting(
  room: string,
  onMakeWay: () => void,
  open: OpenChannel = openBroadcast,
): () => void {
  const channel = open(CHANNEL);
  onMessage(channel, (message) => {
    if (message.room !== room) return;
    if (message.type === 'anyone') channel.postMessage({ type: 'here', room });
    if (message.type === 'make_way') onMakeWay();
  });
  return () => channel.close();
}
