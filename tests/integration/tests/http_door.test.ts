import { createHash, randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { refusal } from '../support/refusal.js';
import { Server } from '../support/server.js';
import { MODES, SignalClient, signalPath } from '../support/signal_client.js';
import {
  apiToken,
  DEMO_KEY,
  goodClaims,
  joinToken,
  rawToken,
  uniqueName,
} from '../support/tokens.js';

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
});

const ORIGIN = 'https://app.example';
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const validatePath = (mode: 'dual' | 'single', join = {}) =>
  signalPath({ mode, join }).replace('?', '/validate?');

describe('cross-origin requests', () => {
  it.each([
    ['a Twirp call without a token', 'POST', '/twirp/livekit.RoomService/ListRooms'],
    ['a Twirp call of no known method', 'POST', '/twirp/livekit.RoomService/Nothing'],
    ['a refused validation', 'GET', '/rtc/validate'],
    ['a refused validation of v1', 'GET', '/rtc/v1/validate'],
    ['an unknown path', 'GET', '/rtc/v2/validate'],
    ['the base URL', 'HEAD', '/'],
  ])('may read the answer to %s', async (_, method, path) => {
    const response = await server.fetch(path, { method, headers: { Origin: ORIGIN } });
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe(ORIGIN);
  });

  it('are allowed by the preflight', async () => {
    const response = await server.fetch('/twirp/livekit.RoomService/ListRooms', {
      method: 'OPTIONS',
      headers: {
        Origin: ORIGIN,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type',
      },
    });
    expect(response.status).toBeLessThan(300);
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe(ORIGIN);
    expect(response.headers.get('Access-Control-Max-Age')).toBe('86400');
    const headers = response.headers.get('Access-Control-Allow-Headers') ?? '';
    expect(headers === '*' || headers.toLowerCase().includes('authorization')).toBe(true);
    expect(response.headers.get('Access-Control-Allow-Methods')).toContain('POST');
  });

  it('reach the base URL of the SDK', async () => {
    const response = await server.fetch('/', { method: 'HEAD', headers: { Origin: ORIGIN } });
    expect(response.ok).toBe(true);
  });
});

describe('paths', () => {
  it('treats two slashes in front as one, without a redirect', async () => {
    const response = await server.fetch('//twirp/livekit.RoomService/ListRooms', {
      method: 'POST',
      redirect: 'manual',
      headers: {
        ...bearer(await apiToken({ roomList: true })),
        'Content-Type': 'application/json',
      },
      body: '{}',
    });
    expect(response.status).toBe(200);
    const token = await joinToken(uniqueName('room'), 'alice');
    const client = await SignalClient.join(server, token, { prefix: '/' });
    await client.close();
  });

  it.each(['/rtc', '/rtc/v1'])('answers a plain GET of %s with an empty 404', async (path) => {
    const token = await joinToken(uniqueName('room'), 'alice');
    const response = await server.fetch(path, { headers: bearer(token) });
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('');
  });

  it('answers unknown Twirp routes in the form of Twirp', async () => {
    for (const path of [
      '/twirp/livekit.Nothing/List',
      '/twirp/x',
      '/twirp/livekit.Egress/ListEgress',
    ]) {
      const response = await server.fetch(path, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          ...bearer(await apiToken({ roomList: true })),
        },
        body: '{}',
      });
      expect(response.headers.get('Content-Type'), path).toBe('application/json');
      const { code } = (await response.json()) as { code: string };
      expect(['bad_route', 'unimplemented']).toContain(code);
    }
  });

  it('works under a base path', async () => {
    const based = await Server.start({ config: '[http]\nbase_path = "/calls"\n' });
    try {
      const token = await joinToken(uniqueName('room'), 'alice');
      // The announced URL ends in the base path already.
      expect(based.url.endsWith('/calls')).toBe(true);
      const base = await based.fetch('', { method: 'HEAD', headers: { Origin: ORIGIN } });
      expect(base.ok).toBe(true);
      expect(base.headers.get('Access-Control-Allow-Origin')).toBe(ORIGIN);
      const client = await SignalClient.join(based, token);
      await client.close();
      const validated = await based.fetch(validatePath('single'), { headers: bearer(token) });
      expect(await validated.text()).toBe('success');
    } finally {
      expect(await based.stop()).toBe(0);
    }
  });
});

describe.each(MODES)('validation in %s mode', (mode) => {
  it('answers success for what would join, and makes no room', async () => {
    const room = uniqueName('room');
    const token = await joinToken(room, 'alice');
    const response = await server.fetch(validatePath(mode), { headers: bearer(token) });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('success');
    const rooms = await server.fetch('/twirp/livekit.RoomService/ListRooms', {
      method: 'POST',
      headers: {
        ...bearer(await apiToken({ roomList: true })),
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ names: [room] }),
    });
    expect(((await rooms.json()) as { rooms: unknown[] }).rooms).toEqual([]);
  });

  it('takes a request line of 17 kB', async () => {
    const token = await joinToken(uniqueName('room'), 'alice', {
      grant: { canUpdateOwnMetadata: true },
    });
    const metadata = randomBytes(12_000).toString('hex').slice(0, 12_400);
    const path = validatePath('single', { metadata });
    expect(path.length).toBeGreaterThan(16_500);
    const response = await server.fetch(path, { headers: bearer(token) });
    expect(await response.text()).toBe('success');
  });
});

describe.each(MODES)('a bad token in %s mode', (mode) => {
  const room = uniqueName('room');
  const now = Math.floor(Date.now() / 1000);
  const good = () => goodClaims(room, 'alice');
  const without = (claim: string) => {
    const claims = good();
    delete claims[claim];
    return claims;
  };
  const spoilt = (token: string) => {
    const last = token.at(-5) === 'A' ? 'B' : 'A';
    return `${token.slice(0, -5)}${last}${token.slice(-4)}`;
  };
  const cases: [string, string][] = [
    ['is no JWT', 'nonsense'],
    ['has two parts', rawToken(good()).split('.').slice(0, 2).join('.')],
    ['has a payload that is no JSON', `${rawToken(good()).split('.')[0]}.bm9wZQ.c2ln`],
    ['is signed by another secret', rawToken(good(), { secret: 'not the secret' })],
    ['has a changed signature', spoilt(rawToken(good()))],
    ['has no signature and alg none', rawToken(good(), { header: { alg: 'none' }, signature: '' })],
    ['says alg none over a good signature', rawToken(good(), { header: { alg: 'none' } })],
    ['says alg HS512', rawToken(good(), { header: { alg: 'HS512' } })],
    ['says alg RS256', rawToken(good(), { header: { alg: 'RS256' } })],
    ['is of an unknown key', rawToken({ ...good(), iss: 'APInobody' })],
    ['has no issuer', rawToken(without('iss'))],
    ['is expired for longer than the leeway', rawToken({ ...good(), exp: now - 90 })],
    ['never expires', rawToken(without('exp'))],
    ['is not valid yet', rawToken({ ...good(), nbf: now + 600 })],
    ['has no video grant', rawToken(without('video'))],
    ['does not grant roomJoin', rawToken({ ...good(), video: { room } })],
    ['has roomJoin as text', rawToken({ ...good(), video: { room, roomJoin: 'true' } })],
  ];

  it.each(cases)('is refused with 401 and a reason when it %s', async (_, token) => {
    const error = await refusal(SignalClient.connect(server, token, { mode }));
    expect(error.status).toBe(401);
    expect(error.body).not.toBe('');
    expect(error.headers['content-type']).toMatch(/^text\/plain/);
    const validated = await server.fetch(validatePath(mode), { headers: bearer(token) });
    expect(validated.status).toBe(401);
    expect(await validated.text()).toBe(error.body);
  });

  it('is refused when there is none, or in another scheme', async () => {
    const none = await server.fetch(validatePath(mode));
    expect(none.status).toBe(401);
    const basic = await server.fetch(validatePath(mode), {
      headers: { Authorization: 'Basic eDp5' },
    });
    expect(basic.status).toBe(401);
    expect(await basic.text()).toContain('Bearer');
  });

  it('may be a minute beyond its expiry', async () => {
    const token = rawToken({ ...good(), exp: now - 20, nbf: now + 20 });
    const client = await SignalClient.join(server, token, { mode });
    await client.close();
  });

  it('may name its participant by jti', async () => {
    const token = rawToken({ ...without('sub'), jti: 'by-jti' });
    const client = await SignalClient.join(server, token, { mode });
    expect(client.join.participant?.identity).toBe('by-jti');
    await client.close();
  });

  it.each([
    ['has no identity', rawToken(without('sub'))],
    ['has an empty room', rawToken({ ...good(), video: { roomJoin: true, room: '' } })],
    [
      'has a long room name',
      rawToken({ ...good(), video: { roomJoin: true, room: 'x'.repeat(257) } }),
    ],
    ['has a long identity', rawToken({ ...good(), sub: 'x'.repeat(257) })],
    ['has a NUL in its identity', rawToken({ ...good(), sub: 'a\u0000b' })],
  ])('is refused with 400 when it %s', async (_, token) => {
    const error = await refusal(SignalClient.connect(server, token, { mode }));
    expect(error.status).toBe(400);
    expect(error.body).not.toBe('');
  });
});

describe('requests that are no requests', () => {
  const call = async (body: string | Uint8Array, type = 'application/json') => {
    const response = await server.fetch('/twirp/livekit.RoomService/CreateRoom', {
      method: 'POST',
      headers: { ...bearer(await apiToken({ roomCreate: true })), 'Content-Type': type },
      body,
    });
    expect(response.headers.get('Content-Type')).toBe('application/json');
    return {
      status: response.status,
      ...((await response.json()) as { code: string; msg: string }),
    };
  };

  it.each([
    ['no JSON', '{"name":'],
    ['JSON of another shape', '[1,2,3]'],
    ['a number for a text', '{"name":5}'],
    ['nothing', ''],
    ['a lone surrogate', '{"name":"\\ud800"}'],
    ['nesting without end', `${'{"agents":['.repeat(200)}`],
  ])('refuses a Twirp body of %s as malformed', async (_, body) => {
    expect(await call(body)).toMatchObject({ status: 400, code: 'malformed' });
  });

  it('refuses a Twirp body of broken protobuf as malformed', async () => {
    const error = await call(Uint8Array.of(0x0a, 0xff, 0xff), 'application/protobuf');
    expect(error).toMatchObject({ status: 400, code: 'malformed' });
  });

  it('refuses another content type as a bad route', async () => {
    expect(await call('name=x', 'text/plain')).toMatchObject({ status: 404, code: 'bad_route' });
  });

  it('refuses a body over 10 MiB with 413', async () => {
    const response = await server.fetch('/twirp/livekit.RoomService/CreateRoom', {
      method: 'POST',
      headers: {
        ...bearer(await apiToken({ roomCreate: true })),
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ name: 'x', metadata: 'y'.repeat(10 * 1024 * 1024) }),
    });
    expect(response.status).toBe(413);
  });

  it('knows a request of the same id again only by its effect', async () => {
    const id = createHash('sha256').update(DEMO_KEY.key).digest('hex');
    const name = uniqueName('room');
    const sids = new Set<string>();
    for (let i = 0; i < 2; i += 1) {
      const response = await server.fetch('/twirp/livekit.RoomService/CreateRoom', {
        method: 'POST',
        headers: {
          ...bearer(await apiToken({ roomCreate: true })),
          'Content-Type': 'application/json',
          'X-LiveKit-Request-Id': id,
        },
        body: JSON.stringify({ name }),
      });
      sids.add(((await response.json()) as { sid: string }).sid);
    }
    expect(sids.size).toBe(1);
  });
});
