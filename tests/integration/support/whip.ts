import { randomBytes } from 'node:crypto';

import { describeSession, type Section } from './sdp.js';
import type { Server } from './server.js';

export const SDP = 'application/sdp';
export const FRAGMENT = 'application/trickle-ice-sdpfrag';

export type Headers = Record<string, string | undefined>;

function given(headers: Headers): Record<string, string> {
  const entries = Object.entries(headers).filter((entry) => entry[1] !== undefined);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** A camera and a microphone, as a broadcasting program offers them. */
export function publisherOffer(
  sections: Section[] = [
    { kind: 'audio', direction: 'sendonly', cid: 'mic-track' },
    { kind: 'video', direction: 'sendonly', cid: 'cam-track' },
  ],
): string {
  return describeSession(sections);
}

/** One HTTP session; the token is a bearer token unless the headers say otherwise. */
export class WhipSession {
  readonly created: Response;
  readonly answer: string;
  private readonly server: Server;
  readonly bearer: string;

  private constructor(server: Server, created: Response, answer: string, token: string) {
    this.server = server;
    this.created = created;
    this.answer = answer;
    this.bearer = token;
  }

  static async open(
    server: Server,
    path: string,
    token: string,
    offer = publisherOffer(),
    headers: Headers = {},
  ): Promise<WhipSession> {
    const created = await post(server, path, token, offer, headers);
    return new WhipSession(server, created, await created.text(), token);
  }

  get status(): number {
    return this.created.status;
  }
  get location(): string {
    return this.created.headers.get('location') ?? '';
  }
  get etag(): string {
    return this.created.headers.get('etag') ?? '';
  }

  send(method: string, headers: Headers = {}, body?: string): Promise<Response> {
    const all = given({ Authorization: `Bearer ${this.bearer}`, ...headers });
    return this.server.fetch(this.location, { method, headers: all, body });
  }
  patch(body: string, headers: Headers = {}): Promise<Response> {
    return this.send(
      'PATCH',
      { 'Content-Type': FRAGMENT, 'If-Match': this.etag, ...headers },
      body,
    );
  }
  end(headers: Headers = {}): Promise<Response> {
    return this.send('DELETE', headers);
  }
}

export function post(
  server: Server,
  path: string,
  token: string | undefined,
  offer: string,
  headers: Headers = {},
): Promise<Response> {
  const bearer = token === undefined ? undefined : `Bearer ${token}`;
  const all = given({ Authorization: bearer, 'Content-Type': SDP, ...headers });
  return server.fetch(path, { method: 'POST', headers: all, body: offer });
}

/** Of an offer made by `describeSession`. */
export const OFFERED_ICE = 'a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n';

export function freshIce(): string {
  const ufrag = randomBytes(4).toString('hex');
  const pwd = randomBytes(16).toString('hex');
  return `a=ice-ufrag:${ufrag}\r\na=ice-pwd:${pwd}\r\n`;
}

/** The value of an attribute, wherever it stands first. */
export function attribute(sdp: string, name: string): string | undefined {
  const line = sdp.split('\r\n').find((each) => each.startsWith(`a=${name}:`));
  return line?.slice(name.length + 3);
}

/** The `code` of RFC 9457 problem details. */
export async function problem(response: Response): Promise<string> {
  if (response.headers.get('content-type') !== 'application/problem+json') return 'no problem';
  return String(((await response.json()) as { code?: unknown }).code);
}
