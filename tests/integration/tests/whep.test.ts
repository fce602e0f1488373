import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { sectionsOf } from '../support/sdp.js';
import { Server } from '../support/server.js';
import { DEMO_KEY, joinToken, uniqueName } from '../support/tokens.js';
import {
  attribute,
  FRAGMENT,
  freshIce,
  OFFERED_ICE,
  post,
  problem,
  publisherOffer,
  SDP,
  WhipSession,
} from '../support/whip.js';

let server: Server;
let service: RoomServiceClient;
beforeAll(async () => {
  server = await Server.start();
  service = new RoomServiceClient(server.url, DEMO_KEY.key, DEMO_KEY.secret);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
});

let room = '';
const open: WhipSession[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((session) => session.end()));
});

const playerOffer = (direction: 'recvonly' | 'sendrecv' | 'sendonly' = 'recvonly') =>
  publisherOffer([
    { kind: 'audio', direction },
    { kind: 'video', direction },
  ]);

async function publish(): Promise<void> {
  room = uniqueName('whep');
  open.push(await WhipSession.open(server, `/whip/${room}`, await joinToken(room, 'studio')));
}
async function player(query = '', offer = playerOffer()): Promise<WhipSession> {
  const token = await joinToken(room, 'screen');
  const session = await WhipSession.open(server, `/whep/${room}${query}`, token, offer);
  if (session.status === 201) open.push(session);
  return session;
}
const people = async () => (await service.listParticipants(room)).map(({ identity }) => identity);

describe('a WHEP session', () => {
  it('is created by an offer that receives, and answered with what is sent', async () => {
    await publish();
    const session = await player();
    expect(session.status).toBe(201);
    expect(session.created.headers.get('content-type')).toBe(SDP);
    expect(session.location).toMatch(new RegExp(`^/whep/${room}/PA_[0-9A-Za-z]+$`));
    expect(session.etag).toMatch(/^"[^"]+"$/);
    expect(session.created.headers.get('accept-patch')).toBe(FRAGMENT);
    expect(session.created.headers.get('link')).toContain(
      `<${session.location}/layer>; rel="urn:ietf:params:whep:ext:core:layer"`,
    );
    for (const section of sectionsOf(session.answer)) {
      expect(section).toContain('a=sendonly');
      expect(section.some((line) => /^a=ssrc:\d+ cname:/.test(line))).toBe(true);
    }
    expect(attribute(session.answer, 'candidate')).toMatch(/ typ host/);
  });

  it('takes sections that would send as well', async () => {
    await publish();
    const session = await player('', playerOffer('sendrecv'));
    expect(session.status).toBe(201);
    for (const section of sectionsOf(session.answer)) expect(section).toContain('a=sendonly');
  });

  it('is no person: hidden, not counted, and many may share a token', async () => {
    await publish();
    const sessions = [await player(), await player()];
    expect(sessions.map(({ status }) => status)).toEqual([201, 201]);
    expect((await service.listRooms([room]))[0]?.numParticipants).toBe(1);
    const hidden = (await service.listParticipants(room)).filter((each) => each.permission?.hidden);
    expect(hidden).toHaveLength(2);
    for (const each of hidden) expect(each.identity).toMatch(/^screen#whep-/);
  });

  it('ends by DELETE, or when an administrator removes it', async () => {
    await publish();
    const first = await player();
    expect((await first.end()).status).toBe(200);
    expect(await people()).toEqual(['studio']);
    const second = await player();
    const identity = (await people()).find((each) => each !== 'studio') ?? '';
    await service.removeParticipant(room, identity);
    expect((await second.end()).status).toBe(404);
  });

  it('restarts ICE, and takes candidates with and without If-Match', async () => {
    await publish();
    const session = await player();
    const trickle = `${OFFERED_ICE}a=end-of-candidates\r\n`;
    expect((await session.patch(trickle)).status).toBe(204);
    expect((await session.patch(trickle, { 'If-Match': undefined })).status).toBe(204);
    expect((await session.patch(freshIce(), { 'If-Match': undefined })).status).toBe(428);
    const restarted = await session.patch(freshIce(), { 'If-Match': '*' });
    expect(restarted.status).toBe(200);
    expect(restarted.headers.get('etag')).not.toBe(session.etag);
    expect((await session.patch(trickle)).status).toBe(412);
  });

  it('has a layer that can be asked for', async () => {
    await publish();
    const session = await player('?quality=low');
    const layer = (method: string, body?: object, type = 'application/json') =>
      server.fetch(`${session.location}/layer`, {
        method,
        headers: {
          'Content-Type': type,
          Authorization: `Bearer ${session.bearer}`,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    const selected = async (response: Response) =>
      ((await response.json()) as { encodingId: string }).encodingId;
    expect(await selected(await layer('GET'))).toBe('low');
    expect(await selected(await layer('POST', { encodingId: 'medium' }))).toBe('medium');
    expect(await selected(await layer('DELETE'))).toBe('high');
    expect((await layer('POST', { encodingId: 'best' })).status).toBe(400);
    expect((await layer('POST', { encodingId: 'low' }, 'text/plain')).status).toBe(415);
    const anybody = await server.fetch(`${session.location}/layer`);
    expect(anybody.status).toBe(401);
  });
});

describe('a player is refused', () => {
  it.each([
    ['before anybody publishes in its room', ''],
    ['before its participant publishes', '?participant=nobody'],
  ])('%s, and told when to come again', async (_, query) => {
    if (query === '') room = uniqueName('whep');
    else await publish();
    const session = await player(query);
    expect(session.status).toBe(409);
    expect(session.created.headers.get('retry-after')).toBe('2');
    expect(JSON.parse(session.answer)).toMatchObject({ code: 'failed_precondition' });
  });

  it('without the right to subscribe, or with a token for another room', async () => {
    await publish();
    const mute = await joinToken(room, 'screen', { grant: { canSubscribe: false } });
    expect((await post(server, `/whep/${room}`, mute, playerOffer())).status).toBe(403);
    const other = await joinToken('other', 'screen');
    expect((await post(server, `/whep/${room}`, other, playerOffer())).status).toBe(403);
    const none = await post(server, `/whep/${room}`, undefined, playerOffer());
    expect(none.status).toBe(401);
    expect(await problem(none)).toBe('unauthenticated');
  });

  it.each([
    ['that sends', playerOffer('sendonly'), 422],
    ['without a codec of ours', playerOffer().replaceAll('opus/', 'speex/'), 422],
    ['that is none', 'hello', 400],
  ])('with an offer %s', async (_, offer, status) => {
    await publish();
    expect((await player('', offer)).status).toBe(status);
  });

  it('with a quality that is none', async () => {
    await publish();
    expect((await player('?quality=best')).status).toBe(400);
  });
});
