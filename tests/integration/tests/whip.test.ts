import { TrackSource, TrackType } from '@livekit/protocol';
import { describe, expect, it } from 'vitest';

import { eventually } from '../support/rtc.js';
import { sectionsOf } from '../support/sdp.js';
import { Server } from '../support/server.js';
import { SignalClient } from '../support/signal_client.js';
import { expectCreated, useStudio } from '../support/studio.js';
import { goodClaims, joinToken, rawToken } from '../support/tokens.js';
import {
  attribute,
  FRAGMENT,
  freshIce,
  OFFERED_ICE,
  post,
  problem,
  publisherOffer,
  SDP,
} from '../support/whip.js';

const studio = useStudio();

const ORIGIN = 'https://studio.example';
const CANDIDATE = 'candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host';
const TRICKLE = `${OFFERED_ICE}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=${CANDIDATE}\r\n`;

describe('a WHIP session', () => {
  it.each([
    ['in the room of the path', (room: string) => `/whip/${room}`],
    ['in the room of the token', () => '/whip/v1'],
  ])('is created %s', async (_, path) => {
    const session = await studio.publish(path(studio.room));
    expectCreated(session, path(studio.room));
    expect(await studio.people()).toEqual(['obs']);
    expect((await session.end()).status).toBe(200);
    expect(await studio.people()).toEqual([]);
  });

  it('is answered with sections that only receive, and with every candidate', async () => {
    const session = await studio.publish();
    const sections = sectionsOf(session.answer);
    expect(sections.map(([media]) => media?.split(' ')[0])).toEqual(['m=audio', 'm=video']);
    for (const section of sections) expect(section).toContain('a=recvonly');
    expect(session.answer).toMatch(/a=setup:(active|passive)/);
    expect(attribute(session.answer, 'candidate')).toMatch(/ typ host/);
  });

  it('shows its tracks to the others with their sources', async () => {
    const viewer = await SignalClient.join(studio.server, await joinToken(studio.room, 'viewer'));
    const session = await studio.publish();
    const [obs] = await eventually(async () => {
      const all = (await studio.service.listParticipants(studio.room)).filter(
        (each) => each.tracks.length === 2,
      );
      expect(all).toHaveLength(1);
      return all;
    });
    expect(obs).toMatchObject({ identity: 'obs', name: 'Studio' });
    const tracks = obs?.tracks.map(({ type, source, name }) => ({ type, source, name }));
    expect(tracks).toEqual([
      { type: TrackType.AUDIO, source: TrackSource.MICROPHONE, name: 'microphone' },
      { type: TrackType.VIDEO, source: TrackSource.CAMERA, name: 'camera' },
    ]);
    await session.end();
    await viewer.close();
  });

  it('gives a newer one of the same identity its place', async () => {
    const older = await studio.publish();
    const newer = await studio.publish();
    expect(newer.status).toBe(201);
    expect(await studio.people()).toEqual(['obs']);
    expect((await older.end()).status).toBe(404);
    expect((await newer.end()).status).toBe(200);
  });

  it('keeps its place when a later offer of its identity is refused', async () => {
    const session = await studio.publish();
    const token = await joinToken(studio.room, 'obs');
    expect((await post(studio.server, `/whip/${studio.room}`, token, 'v=0\r\n')).status).toBe(400);
    expect((await session.end()).status).toBe(200);
  });

  it('ends when the room is deleted or its participant is removed', async () => {
    const first = await studio.publish();
    await studio.service.removeParticipant(studio.room, 'obs');
    expect((await first.end()).status).toBe(404);
    const second = await studio.publish();
    await studio.service.deleteRoom(studio.room);
    expect((await second.end()).status).toBe(404);
  });

  it('takes room names that need escapes', async () => {
    studio.room += ' ü/x';
    const session = await studio.publish();
    expectCreated(session, `/whip/${encodeURIComponent(studio.room)}`);
    expect((await session.end()).status).toBe(200);
  });
});

describe('an offer is refused', () => {
  const attempt = async (
    offer: string,
    grant = {},
    headers: Record<string, string | undefined> = {},
  ) => {
    const token = await joinToken(studio.room, 'obs', { grant });
    const response = await post(studio.server, `/whip/${studio.room}`, token, offer, headers);
    expect(await studio.people()).toEqual([]);
    return response;
  };

  it('when nobody says who sends it', async () => {
    const response = await post(studio.server, '/whip/v1', undefined, publisherOffer());
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(await problem(response)).toBe('unauthenticated');
  });

  it.each([
    ['with another secret', { secret: 'other' }, {}],
    ['that has expired', {}, { exp: 1_600_000_000 }],
    ['that joins no room', {}, { video: { room: 'x' } }],
  ])('with a token %s', async (_, options, change) => {
    const token = rawToken({ ...goodClaims('x', 'obs'), ...change }, options);
    expect((await post(studio.server, '/whip/x', token, publisherOffer())).status).toBe(401);
  });

  it('for another room than the token is for', async () => {
    const token = await joinToken('one', 'obs');
    const response = await post(studio.server, '/whip/two', token, publisherOffer());
    expect(response.status).toBe(403);
    expect(await problem(response)).toBe('permission_denied');
  });

  it.each([
    ['nothing', { canPublish: false }],
    ['the microphone alone', { canPublishSources: [TrackSource.MICROPHONE] }],
  ])('when the token allows to publish %s', async (_, grant) => {
    expect((await attempt(publisherOffer(), grant)).status).toBe(403);
  });

  it.each([
    ['nothing', ''],
    ['no SDP', 'hello'],
    ['no section', 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n'],
    ['no fingerprint', publisherOffer().replaceAll(/a=fingerprint:.*\r\n/g, '')],
    ['no BUNDLE group', publisherOffer().replace(/a=group:.*\r\n/, '')],
  ])('that is %s', async (_, offer) => {
    const response = await attempt(offer);
    expect(response.status).toBe(400);
    expect(await problem(response)).toBe('invalid_argument');
  });

  it.each([
    ['receives', publisherOffer([{ kind: 'video', direction: 'recvonly' }])],
    ['is silent', publisherOffer([{ kind: 'audio', direction: 'inactive' }])],
    ['has no codec of ours', publisherOffer().replaceAll(/(VP8|H264)\/90000/g, 'H261/90000')],
    ['has data alone', publisherOffer([{ kind: 'data' }])],
  ])('whose section %s', async (_, offer) => {
    const response = await attempt(offer);
    expect(response.status).toBe(422);
    expect(await problem(response)).toBe('unsupported');
  });

  it('of another media type, and with an Accept that excludes the answer', async () => {
    const json = await attempt('{}', {}, { 'Content-Type': 'application/json' });
    expect(json.status).toBe(415);
    expect(json.headers.get('accept-post')).toBe(SDP);
    expect((await attempt(publisherOffer(), {}, { Accept: 'text/html' })).status).toBe(406);
  });

  it('that is too long', async () => {
    const offer = `${publisherOffer()}a=x:${'x'.repeat(128 * 1024)}\r\n`;
    expect((await attempt(offer)).status).toBe(413);
  });

  it('where nothing is published by other methods', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH']) {
      const response = await studio.server.fetch('/whip/room', { method });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toContain('POST');
    }
  });

  it('where the room does not exist and is not created by joining', async () => {
    const strict = await Server.start({ config: '[rooms]\nauto_create = false\n' });
    const token = await joinToken('nowhere', 'obs');
    expect((await post(strict, '/whip/nowhere', token, publisherOffer())).status).toBe(404);
    expect(await strict.stop()).toBe(0);
  });

  it('where the room is full', async () => {
    await studio.service.createRoom({ name: studio.room, maxParticipants: 1 });
    await studio.publish();
    const token = await joinToken(studio.room, 'second');
    const response = await post(studio.server, `/whip/${studio.room}`, token, publisherOffer());
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('10');
  });
});

describe('a PATCH', () => {
  it('brings candidates', async () => {
    const session = await studio.publish();
    const response = await session.patch(TRICKLE);
    expect(response.status).toBe(204);
    expect(response.headers.get('etag')).toBeNull();
    expect(await response.text()).toBe('');
  });

  it('needs to name the ICE session that it means', async () => {
    const session = await studio.publish();
    const missing = await session.patch(TRICKLE, { 'If-Match': undefined });
    expect(missing.status).toBe(428);
    expect(await problem(missing)).toBe('precondition_required');
    const other = await session.patch(TRICKLE, { 'If-Match': '"other"' });
    expect(other.status).toBe(412);
    expect(await problem(other)).toBe('precondition_failed');
    const weak = await session.patch(TRICKLE, { 'If-Match': `W/${session.etag}` });
    expect(weak.status).toBe(412);
  });

  it('restarts ICE, which is then another ICE session', async () => {
    const session = await studio.publish();
    const ice = freshIce();
    const response = await session.patch(ice, { 'If-Match': '*' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(FRAGMENT);
    const etag = response.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[^"]+"$/);
    expect(etag).not.toBe(session.etag);
    const fragment = await response.text();
    expect(attribute(fragment, 'ice-ufrag')).toBeDefined();
    expect(attribute(fragment, 'ice-ufrag')).not.toBe(attribute(session.answer, 'ice-ufrag'));
    expect(attribute(fragment, 'ice-pwd')).not.toBe(attribute(session.answer, 'ice-pwd'));
    expect(attribute(fragment, 'candidate')).toBe(attribute(session.answer, 'candidate'));

    expect((await session.patch(TRICKLE)).status).toBe(412);
    const trickle = `${ice}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=${CANDIDATE}\r\n`;
    expect((await session.patch(trickle, { 'If-Match': etag })).status).toBe(204);
  });

  it.each([
    ['nothing', ''],
    ['no fragment', 'hello'],
    ['half of the credentials', 'a=ice-ufrag:abcd\r\n'],
    ['credentials of no use', 'a=ice-ufrag:ab\r\na=ice-pwd:cd\r\n'],
  ])('is refused when it is %s, and the session goes on', async (_, body) => {
    const session = await studio.publish();
    expect((await session.patch(body, { 'If-Match': '*' })).status).toBe(400);
    expect((await session.patch(TRICKLE)).status).toBe(204);
  });

  it('is refused in another media type and when it is too long', async () => {
    const session = await studio.publish();
    const typed = await session.patch(TRICKLE, { 'Content-Type': SDP });
    expect(typed.status).toBe(415);
    expect(typed.headers.get('accept-patch')).toBe(FRAGMENT);
    expect((await session.patch(TRICKLE + `a=x:${'x'.repeat(16 * 1024)}`)).status).toBe(413);
  });

  it('is for who has the session, as is the DELETE', async () => {
    const session = await studio.publish();
    const other = { Authorization: `Bearer ${await joinToken(studio.room, 'other')}` };
    expect((await session.patch(TRICKLE, other)).status).toBe(403);
    expect((await session.end(other)).status).toBe(403);
    expect((await session.end({ Authorization: undefined })).status).toBe(401);
    const again = {
      Authorization: `Bearer ${await joinToken(studio.room, 'obs', { name: 'Again' })}`,
    };
    expect((await session.end(again)).status).toBe(200);
    expect((await session.end()).status).toBe(404);
  });

  it('is unknown to other methods', async () => {
    const session = await studio.publish();
    for (const method of ['GET', 'HEAD', 'PUT', 'POST']) {
      const response = await session.send(method);
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toContain('PATCH');
    }
  });

  it('is no way to ask whether a session lives, but GET is on the path of LiveKit', async () => {
    const session = await studio.publish('/whip/v1');
    expect((await session.send('GET')).status).toBe(204);
    await session.end();
    expect((await session.send('GET')).status).toBe(404);
  });
});

describe('pages of other origins', () => {
  it.each([
    ['/whip/v1', 'POST', 'accept-post', SDP],
    ['/whip/some-room', 'POST', 'accept-post', SDP],
    ['/whip/some-room/PA_x', 'PATCH', 'accept-patch', FRAGMENT],
    ['/whip/v1/PA_x', 'DELETE', 'accept-patch', FRAGMENT],
  ])('are told what %s takes', async (path, method, header, type) => {
    const response = await studio.server.fetch(path, {
      method: 'OPTIONS',
      headers: {
        Origin: ORIGIN,
        'Access-Control-Request-Method': method,
        'Access-Control-Request-Headers': 'authorization,content-type,if-match',
      },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get(header)).toBe(type);
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(response.headers.get('access-control-allow-methods')).toContain(method);
    expect(response.headers.get('access-control-allow-headers')).toContain('if-match');
  });

  it('may read answers and errors with their headers', async () => {
    const origin = { Origin: ORIGIN };
    const session = await studio.publish(undefined, origin);
    const refused = await post(studio.server, '/whip/x', undefined, publisherOffer(), origin);
    for (const response of [session.created, refused, await session.end(origin)]) {
      expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(response.headers.get('access-control-expose-headers')).toBe('*');
    }
  });
});
