/** Tokens and the room service, as a user's own server would use them. */

import { AccessToken, RoomServiceClient, type VideoGrant } from 'livekit-server-sdk';

const KEY = 'devkey';
const SECRET = 'secret';

export interface Grants {
  name?: string;
  metadata?: string;
  attributes?: Record<string, string>;
  video?: Partial<VideoGrant>;
}

export async function tokenFor(room: string, identity: string, grants: Grants = {}) {
  const { video, ...about } = grants;
  const token = new AccessToken(KEY, SECRET, { identity, ttl: '10m', ...about });
  token.addGrant({ room, roomJoin: true, canUpdateOwnMetadata: true, ...video });
  return token.toJwt();
}

export function roomService(server: string): RoomServiceClient {
  return new RoomServiceClient(server, KEY, SECRET);
}

/** What the statistics of the server tell of a participant. */
export async function measuredOf(
  server: string,
  room: string,
  identity: string,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${server}/v1/rooms/${room}/participants/${identity}`, {
    headers: { Authorization: `Basic ${btoa(`${KEY}:${SECRET}`)}` },
  });
  return (await response.json()) as Record<string, unknown>;
}
