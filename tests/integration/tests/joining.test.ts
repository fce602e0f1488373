import { ParticipantInfo_State as State, TrackSource } from '@livekit/protocol';
import { AccessToken, RoomConfiguration, RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { refusal } from '../support/refusal.js';
import { Server } from '../support/server.js';
import { MODES, SignalClient, signalPath } from '../support/signal_client.js';
import { claimsOf, DEMO_KEY, joinToken, uniqueName } from '../support/tokens.js';

let server: Server;
let rooms: RoomServiceClient;
beforeAll(async () => {
  server = await Server.start();
  rooms = new RoomServiceClient(server.url, DEMO_KEY.key, DEMO_KEY.secret);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
});

describe.each(MODES)('joining in %s mode', (mode) => {
  it('answers with everything that clients rely on', async () => {
    const room = uniqueName('room');
    const token = await joinToken(room, 'alice', {
      name: 'Alice',
      metadata: 'm',
      attributes: { a: '1' },
    });
    const client = await SignalClient.join(server, token, { mode });
    const { join } = client;
    expect(join.room?.sid).toMatch(/^RM_[0-9A-Za-z]{12}$/);
    expect(join.room?.name).toBe(room);
    const now = Date.now();
    expect(Math.abs(Number(join.room?.creationTimeMs) - now)).toBeLessThan(10_000);
    expect(Math.abs(Number(join.room?.creationTime) * 1000 - now)).toBeLessThan(10_000);
    expect(join.participant).toMatchObject({
      identity: 'alice',
      name: 'Alice',
      metadata: 'm',
      attributes: { a: '1' },
      clientProtocol: 2,
      permission: { canPublish: true, canSubscribe: true, canPublishData: true },
    });
    expect(join.participant?.sid).toMatch(/^PA_[0-9A-Za-z]{12}$/);
    expect(join.participant?.version).toBeGreaterThan(0);
    expect(join.otherParticipants).toEqual([]);
    expect(join.subscriberPrimary).toBe(mode === 'dual');
    expect(join.pingInterval).toBe(5);
    expect(join.pingTimeout).toBe(15);
    expect(join.serverInfo?.protocol).toBe(17);
    expect(join.serverInfo?.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(join.enabledPublishCodecs.map(({ mime }) => mime).slice(0, 2)).toEqual([
      'video/VP8',
      'video/H264',
    ]);
    await client.close();
  });

  it('takes the token from the header and from the query', async () => {
    for (const tokenIn of ['header', 'query'] as const) {
      const token = await joinToken(uniqueName('room'), tokenIn);
      const client = await SignalClient.join(server, token, { mode, tokenIn });
      expect(client.join.participant?.identity).toBe(tokenIn);
      await client.close();
    }
  });

  it('shows two clients to each other, with what their tokens say', async () => {
    const room = uniqueName('room');
    const alice = await SignalClient.join(server, await joinToken(room, 'alice'), { mode });
    const token = await joinToken(room, 'bob', { name: 'Bob', metadata: '{"x":1}' });
    const bob = await SignalClient.join(server, token, { mode });
    expect(bob.join.otherParticipants.map(({ identity }) => identity)).toEqual(['alice']);
    expect(bob.join.room?.sid).toBe(alice.join.room?.sid);
    const seen = await alice.participant('bob');
    expect(seen).toMatchObject({
      name: 'Bob',
      metadata: '{"x":1}',
      sid: bob.join.participant?.sid,
    });
    bob.send({ case: 'leave', value: { reason: 1 } as never });
    const left = await alice.participant('bob', ({ state }) => state === State.DISCONNECTED);
    expect(left.sid).toBe(bob.join.participant?.sid);
    await alice.close();
  });

  it('keeps a hidden participant from the others', async () => {
    const room = uniqueName('room');
    const hidden = await SignalClient.join(
      server,
      await joinToken(room, 'ghost', { grant: { hidden: true } }),
      { mode },
    );
    const alice = await SignalClient.join(server, await joinToken(room, 'alice'), { mode });
    expect(alice.join.otherParticipants).toEqual([]);
    await hidden.participant('alice');
    await hidden.close();
    await alice.settle();
    const told = alice.received.flatMap(({ message }) =>
      message.case === 'update' ? message.value.participants : [],
    );
    expect(told.map(({ identity }) => identity)).not.toContain('ghost');
    await alice.close();
  });

  it('sends a refresh token with every right spelt out', async () => {
    const room = uniqueName('room');
    const client = await SignalClient.join(server, await joinToken(room, 'alice'), { mode });
    const claims = claimsOf(await client.next('refreshToken'));
    expect(claims.sub).toBe('alice');
    expect(claims.video).toMatchObject({
      roomJoin: true,
      room,
      canPublish: true,
      canSubscribe: true,
      canPublishData: true,
    });
    expect(Number(claims.exp) * 1000).toBeGreaterThan(Date.now() + 9 * 60_000);
    // It is a token: it joins.
    const refreshed = client.received.find(({ message }) => message.case === 'refreshToken');
    const again = await SignalClient.join(server, String(refreshed?.message.value), { mode });
    expect(again.join.participant?.identity).toBe('alice');
    await again.close();
  });

  it('answers both kinds of ping, in milliseconds', async () => {
    const client = await SignalClient.join(server, await joinToken(uniqueName('r'), 'alice'), {
      mode,
    });
    const asked = Date.now();
    client.send({ case: 'ping', value: BigInt(asked) });
    client.send({ case: 'pingReq', value: { timestamp: BigInt(asked), rtt: 3n } as never });
    const pong = Number(await client.next('pong'));
    const response = await client.next('pongResp');
    expect(Math.abs(pong - asked)).toBeLessThan(5_000);
    expect(Math.abs(Number(response.timestamp) - asked)).toBeLessThan(5_000);
    expect(Number(response.lastPingTimestamp)).toBe(asked);
    await client.close();
  });

  it('replaces the older session of the same identity', async () => {
    const room = uniqueName('room');
    const watcher = await SignalClient.join(server, await joinToken(room, 'watcher'), { mode });
    const token = await joinToken(room, 'alice');
    const first = await SignalClient.join(server, token, { mode });
    const second = await SignalClient.join(server, token, { mode });
    const leave = await first.next('leave');
    expect(leave).toMatchObject({ reason: 2, action: 0 });
    await first.closed;
    const sid = second.join.participant?.sid;
    expect(sid).not.toBe(first.join.participant?.sid);
    await watcher.participant('alice', (info) => info.sid === sid);
    await watcher.settle();
    // Whatever was told of the old session came before, or clients would remove the new one.
    const states = watcher.received.flatMap(({ message }) =>
      message.case === 'update'
        ? message.value.participants.filter(({ identity }) => identity === 'alice')
        : [],
    );
    expect(states.at(-1)).toMatchObject({ sid });
    expect(states.at(-1)?.state).not.toBe(State.DISCONNECTED);
    await Promise.all([second.close(), watcher.close()]);
  });

  it('lets a new client into a room of the same name after DeleteRoom', async () => {
    const room = uniqueName('room');
    const token = await joinToken(room, 'alice');
    const first = await SignalClient.join(server, token, { mode });
    await rooms.deleteRoom(room);
    expect(await first.next('leave')).toMatchObject({ reason: 5, action: 0 });
    await first.closed;
    const second = await SignalClient.join(server, token, { mode });
    expect(second.join.room?.sid).not.toBe(first.join.room?.sid);
    await second.close();
  });

  it('adds the attributes of the join to those of the token', async () => {
    const token = await joinToken(uniqueName('room'), 'alice', {
      attributes: { a: '0', b: '1' },
      grant: { canUpdateOwnMetadata: true },
    });
    const own = { b: '2', c: '3', d: '' };
    const client = await SignalClient.join(server, token, {
      mode,
      query:
        mode === 'dual'
          ? { protocol: '17', attributes: Buffer.from(JSON.stringify(own)).toString('base64url') }
          : {},
      join: { participantAttributes: own },
    });
    expect(client.join.participant?.attributes).toEqual({ a: '0', b: '2', c: '3' });
    await client.close();
  });

  it('refuses own attributes to those who may not change themselves', async () => {
    const own = { b: '2' };
    const error = await refusal(
      SignalClient.join(server, await joinToken(uniqueName('room'), 'alice'), {
        mode,
        query:
          mode === 'dual'
            ? { attributes: Buffer.from(JSON.stringify(own)).toString('base64url') }
            : {},
        join: { participantAttributes: own },
      }),
    );
    expect(error.status).toBe(401);
  });

  it('refuses one more than max_participants, and counts neither recorders nor agents', async () => {
    const room = uniqueName('room');
    await rooms.createRoom({ name: room, maxParticipants: 2 });
    const recorder = await joinToken(room, 'recorder', { grant: { recorder: true, hidden: true } });
    const clients = await Promise.all([
      SignalClient.join(server, recorder, { mode }),
      SignalClient.join(server, await joinToken(room, 'alice'), { mode }),
      SignalClient.join(server, await joinToken(room, 'bob'), { mode }),
    ]);
    const carol = await joinToken(room, 'carol');
    const error = await refusal(SignalClient.join(server, carol, { mode }));
    expect(error.status).toBe(500);
    expect(error.body).toMatch(/full|max|participants/);
    // The same identity takes its own place; it is not one more.
    clients.push(await SignalClient.join(server, await joinToken(room, 'bob'), { mode }));
    await clients[1]?.close();
    await Promise.all(clients.map((client) => client.close()));
  });

  it('creates the room as roomConfig of the token says', async () => {
    const room = uniqueName('room');
    const token = new AccessToken(DEMO_KEY.key, DEMO_KEY.secret, { identity: 'alice' });
    token.addGrant({ roomJoin: true, room });
    token.roomConfig = new RoomConfiguration({
      maxParticipants: 7,
      emptyTimeout: 33,
      departureTimeout: 44,
      metadata: 'made by a token',
    });
    const client = await SignalClient.join(server, await token.toJwt(), { mode });
    expect(client.join.room).toMatchObject({
      maxParticipants: 7,
      emptyTimeout: 33,
      departureTimeout: 44,
      metadata: 'made by a token',
    });
    await client.close();
  });

  it('speaks JSON after a text frame and binary again after a binary one', async () => {
    const client = await SignalClient.join(server, await joinToken(uniqueName('r'), 'alice'), {
      mode,
    });
    const kinds: boolean[] = [];
    client.socket.on('message', (_, binary) => kinds.push(binary));
    client.socket.send('{"pingReq":{"timestamp":"5","rtt":"0"},"someNewField":1}');
    await client.next('pongResp', ({ lastPingTimestamp }) => lastPingTimestamp === 5n);
    expect(kinds.at(-1)).toBe(false);
    await client.settle();
    expect(kinds.at(-1)).toBe(true);
    await client.close();
  });

  it('keeps a participant whose media never came up only as long as its socket', async () => {
    const room = uniqueName('room');
    const watcher = await SignalClient.join(server, await joinToken(room, 'watcher'), { mode });
    const client = await SignalClient.join(server, await joinToken(room, 'alice'), { mode });
    await watcher.participant('alice');
    client.drop();
    await watcher.participant('alice', ({ state }) => state === State.DISCONNECTED);
    const left = await rooms.listParticipants(room);
    expect(left.map(({ identity }) => identity)).toEqual(['watcher']);
    await watcher.close();
  });

  it('resolves the rights that a token does not mention', async () => {
    const cases = [
      { grant: {}, rights: [true, true, true] },
      { grant: { canPublish: false }, rights: [false, true, false] },
      { grant: { canPublish: false, canPublishData: true }, rights: [false, true, true] },
      { grant: { canSubscribe: false }, rights: [true, false, true] },
      { grant: { canPublishData: false }, rights: [true, true, false] },
    ];
    for (const { grant, rights } of cases) {
      const token = await joinToken(uniqueName('room'), 'alice', { grant });
      const client = await SignalClient.join(server, token, { mode });
      const permission = client.join.participant?.permission;
      expect([
        permission?.canPublish,
        permission?.canSubscribe,
        permission?.canPublishData,
      ]).toEqual(rights);
      await client.close();
    }
  });

  it('lets only the sources of canPublishSources be published', async () => {
    const grant = { canPublishSources: [TrackSource.CAMERA] };
    const token = await joinToken(uniqueName('room'), 'alice', { grant });
    const client = await SignalClient.join(server, token, { mode });
    client.send({ case: 'addTrack', value: { cid: 'mic', type: 0, source: 2 } as never });
    const refused = await client.next('requestResponse');
    expect(refused).toMatchObject({ reason: 2, request: { case: 'addTrack' } });
    const camera = await client.addTrack({
      cid: 'cam',
      type: 1,
      source: 1,
      width: 640,
      height: 360,
    });
    expect(camera.sid).toMatch(/^TR_VC/);
    await client.close();
  });
});

describe('the second connection of publish=', () => {
  it('publishes beside the first and receives nothing', async () => {
    const room = uniqueName('room');
    const watcher = await SignalClient.join(server, await joinToken(room, 'watcher'));
    const token = await joinToken(room, 'alice');
    const first = await SignalClient.join(server, token);
    const second = await SignalClient.join(server, token, {
      query: { protocol: '17', publish: 'screen' },
    });
    expect(second.join.participant).toMatchObject({
      identity: 'alice#screen',
      permission: { canSubscribe: false, canPublish: true },
    });
    const track = await second.addTrack({ cid: 'screen', type: 1, source: 3 });
    expect(track.sid).toMatch(/^TR_VS/);
    await first.settle();
    expect(first.kinds()).not.toContain('leave');
    await watcher.participant('alice#screen');
    await Promise.all([first.close(), second.close(), watcher.close()]);
  });

  it('is refused to a token that may not publish', async () => {
    const token = await joinToken(uniqueName('room'), 'alice', { grant: { canPublish: false } });
    const error = await refusal(
      SignalClient.join(server, token, { query: { protocol: '17', publish: 'screen' } }),
    );
    expect(error.status).toBe(401);
  });
});

describe('rooms that are not made by joining', () => {
  let strict: Server;
  beforeAll(async () => {
    strict = await Server.start({ config: '[rooms]\nauto_create = false\n' });
  });
  afterAll(async () => {
    await strict.stop();
  });

  it.each(MODES)('refuses an unknown room before the upgrade, in %s mode', async (mode) => {
    const room = uniqueName('room');
    const token = await joinToken(room, 'alice');
    const error = await refusal(SignalClient.join(strict, token, { mode }));
    expect(error.status).toBe(404);
    expect(error.body).toContain('requested room does not exist');
    const path = signalPath({ mode }).replace('?', '/validate?');
    const validated = await strict.fetch(path, { headers: { Authorization: `Bearer ${token}` } });
    expect(validated.status).toBe(404);
    expect(await validated.text()).toContain('requested room does not exist');

    const api = new RoomServiceClient(strict.url, DEMO_KEY.key, DEMO_KEY.secret);
    await api.createRoom({ name: room });
    const client = await SignalClient.join(strict, token, { mode });
    await client.close();
  });

  it('lets a token with roomCreate make the room', async () => {
    const token = await joinToken(uniqueName('room'), 'alice', { grant: { roomCreate: true } });
    const client = await SignalClient.join(strict, token);
    await client.close();
  });
});
