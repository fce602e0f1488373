/** Asks the server for the right to join a room: `POST /v1/meet/tokens`. */

import { type JoinProblem, joinProblemOfResponse } from '../model/problems';

export interface JoinTicket {
  token: string;
  room: string;
  identity: string;
}

export type TokenAnswer = { ok: true; ticket: JoinTicket } | { ok: false; problem: JoinProblem };

export interface TokenRequest {
  room: string;
  name: string;
}

const PATIENCE_MS = 15_000;

export async function requestToken(
  request: TokenRequest,
  fetchLike: typeof fetch = fetch,
): Promise<TokenAnswer> {
  try {
    const response = await fetchLike('/v1/meet/tokens', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ room: request.room, name: request.name }),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok) return { ok: false, problem: joinProblemOfResponse(response.status, body) };
    const ticket = ticketOf(body);
    return ticket ? { ok: true, ticket } : { ok: false, problem: 'unknown' };
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    return { ok: false, problem: late ? 'timeout' : 'offline' };
  }
}

function ticketOf(body: unknown): JoinTicket | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { token, room, identity } = body as Record<string, unknown>;
  if (typeof token !== 'string' || typeof room !== 'string' || typeof identity !== 'string') {
    return undefined;
  }
  return { token, room, identity };
}

/** LiveKit's signalling is at the same origin as the page. */
export function signallingUrl(location: Pick<Location, 'protocol' | 'host'>): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`;
}
