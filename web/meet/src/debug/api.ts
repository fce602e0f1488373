/** What the server measures, as its native interface tells it (docs/guides/statistics.md). */

export interface Credentials {
  key: string;
  secret: string;
}

/** Columns of equal length; `at` in Unix seconds. */
export type Series = Record<string, (number | null)[]>;

export interface RoomSummary {
  sid: string;
  name: string;
  created_at: string;
  participant_count: number;
  publisher_count: number;
  received_kbps: number;
  sent_kbps: number;
}

export interface Layer {
  index: number;
  active: boolean;
  kbps: number;
  frames_per_second: number;
  loss: number;
  jitter_ms: number;
  packets_lost: number;
  key_frames: number;
  nacks: number;
  key_frame_requests: number;
  series?: Series;
}

export interface Track {
  sid: string;
  kind: 'audio' | 'video';
  source: 'unknown' | 'camera' | 'microphone' | 'screen_share' | 'screen_share_audio';
  codec: string;
  muted: boolean;
  width: number;
  height: number;
  layers: Layer[];
}

export interface Subscription {
  track: string;
  publisher: string;
  layer: number | null;
  packets: number;
  packets_retransmitted: number;
  nacks: number;
  key_frame_requests: number;
  loss: number;
}

export type Quality = 'excellent' | 'good' | 'poor' | 'lost';
export type Cause =
  | 'disconnected'
  | 'bandwidth'
  | 'uplink_loss'
  | 'downlink_loss'
  | 'round_trip'
  | 'jitter';

export interface Participant {
  sid: string;
  identity: string;
  name: string;
  connected: boolean;
  quality: Quality;
  cause: Cause | null;
  transport: 'udp' | 'tcp' | 'turn' | null;
  score: number;
  received_kbps: number;
  sent_kbps: number;
  wanted_kbps: number;
  granted_kbps: number;
  available_kbps: number | null;
  round_trip_ms: number | null;
  jitter_ms: number;
  uplink_loss: number;
  downlink_loss: number;
  tracks: Track[];
  subscriptions: Subscription[];
  series?: Series;
}

export interface RoomDetails extends RoomSummary {
  participants: Participant[];
}

export interface Worker {
  index: number;
  port: number;
  segmentation_offload: boolean;
  cpu_share: number;
  packets_in_per_s: number;
  packets_out_per_s: number;
  queued: number;
  series: Series;
}

/** The server answered, and not with what was asked for. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the server answered ${status}`);
    this.status = status;
  }
}

function authorization({ key, secret }: Credentials): string {
  const bytes = new TextEncoder().encode(`${key}:${secret}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

async function get<T>(path: string, who: Credentials, signal?: AbortSignal): Promise<T> {
  const response = await fetch(`/v1${path}`, {
    headers: { Authorization: authorization(who) },
    cache: 'no-store',
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) throw new Refusal(response.status);
  return (await response.json()) as T;
}

export const fetchRooms = async (who: Credentials, signal?: AbortSignal) =>
  (await get<{ rooms: RoomSummary[] }>('/rooms', who, signal)).rooms;

export const fetchWorkers = async (who: Credentials, signal?: AbortSignal) =>
  (await get<{ workers: Worker[] }>('/workers', who, signal)).workers;

export const fetchRoom = (who: Credentials, room: string, signal?: AbortSignal) =>
  get<RoomDetails>(`/rooms/${encodeURIComponent(room)}`, who, signal);

export const fetchParticipant = (
  who: Credentials,
  [room, identity]: [room: string, identity: string],
  signal?: AbortSignal,
) =>
  get<Participant>(
    `/rooms/${encodeURIComponent(room)}/participants/${encodeURIComponent(identity)}`,
    who,
    signal,
  );
