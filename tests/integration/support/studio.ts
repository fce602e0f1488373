import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';

import { Server } from './server.js';
import { DEMO_KEY, joinToken, uniqueName } from './tokens.js';
import { FRAGMENT, publisherOffer, SDP, WhipSession } from './whip.js';

export const playerOffer = (direction: 'recvonly' | 'sendrecv' | 'sendonly' = 'recvonly') =>
  publisherOffer([
    { kind: 'audio', direction },
    { kind: 'video', direction },
  ]);

/** A server, and in it a room with those who publish by WHIP and play by WHEP. */
export class Studio {
  room = '';
  private started: { server: Server; service: RoomServiceClient } | undefined;
  private readonly sessions: WhipSession[] = [];

  get server(): Server {
    if (!this.started) throw new Error('the server has not started');
    return this.started.server;
  }
  get service(): RoomServiceClient {
    if (!this.started) throw new Error('the server has not started');
    return this.started.service;
  }

  async start(): Promise<void> {
    const server = await Server.start();
    const service = new RoomServiceClient(server.url, DEMO_KEY.key, DEMO_KEY.secret);
    this.started = { server, service };
  }
  async stop(): Promise<void> {
    expect(await this.started?.server.stop()).toBe(0);
  }
  async endSessions(): Promise<void> {
    await Promise.all(this.sessions.splice(0).map((session) => session.end()));
  }

  async publish(path = `/whip/${encodeURIComponent(this.room)}`, headers = {}) {
    const token = await joinToken(this.room, 'obs', { name: 'Studio' });
    return this.keep(await WhipSession.open(this.server, path, token, publisherOffer(), headers));
  }
  async play(query = '', offer = playerOffer()) {
    const token = await joinToken(this.room, 'screen');
    return this.keep(
      await WhipSession.open(this.server, `/whep/${this.room}${query}`, token, offer),
    );
  }
  async people(): Promise<string[]> {
    return (await this.service.listParticipants(this.room)).map(({ identity }) => identity);
  }

  private keep(session: WhipSession): WhipSession {
    if (session.status === 201) this.sessions.push(session);
    return session;
  }
}

/** One for all tests of a file, with another room for each, whose sessions end with it. */
export function useStudio(): Studio {
  const studio = new Studio();
  beforeAll(() => studio.start());
  beforeEach(() => {
    studio.room = uniqueName('studio');
  });
  afterEach(() => studio.endSessions());
  afterAll(() => studio.stop());
  return studio;
}

/** What RFC 9725 section 4.2 asks of the answer to an offer, with a session below `endpoint`. */
export function expectCreated({ status, created, location, etag }: WhipSession, endpoint: string) {
  expect(status).toBe(201);
  expect(created.headers.get('content-type')).toBe(SDP);
  expect(location).toMatch(new RegExp(`^${endpoint}/PA_[0-9A-Za-z]+$`));
  expect(etag).toMatch(/^"[^"]+"$/);
  expect(created.headers.get('accept-patch')).toBe(FRAGMENT);
}
