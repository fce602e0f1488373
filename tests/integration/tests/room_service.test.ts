import { DataPacket_Kind, ParticipantInfo_State as State } from '@livekit/protocol';
import { RpcError } from '@livekit/rtc-node';
import { RoomServiceClient, type ServerError, TwirpError } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { RawPeer } from '../support/raw_peer.js';
import { closeLibrary, connect, eventually, leaveAll, RoomEvent } from '../support/rtc.js';
import { Server } from '../support/server.js';
import { SignalClient } from '../support/signal_client.js';
import { apiToken, DEMO_KEY, joinToken, uniqueName } from '../support/tokens.js';

let server: Server;
let rooms: RoomServiceClient;
beforeAll(async () => {
  server = await Server.start();
  rooms = new RoomServiceClient(server.url, DEMO_KEY.key, DEMO_KEY.secret);
});
afterEach(leaveAll);
afterAll(async () => {
  await closeLibrary();
  expect(await server.stop()).toBe(0);
});

/** The error with which the server answered a call of the SDK. */
async function twirpError(call: Promise<unknown>): Promise<ServerError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TwirpError)) throw new Error(`no error of the server, but ${error}`);
  return error;
}

describe('a room', () => {
  it('is made with its options, and is listed until it is deleted', async () => {
    const name = uniqueName('room');
    const before = Math.floor(Date.now() / 1000);
    const made = await rooms.createRoom({
      name,
      emptyTimeout: 77,
      departureTimeout: 11,
      maxParticipants: 5,
      metadata: 'über alles: 早',
    });
    expect(made).toMatchObject({
      name,
      emptyTimeout: 77,
      departureTimeout: 11,
      maxParticipants: 5,
      metadata: 'über alles: 早',
      numParticipants: 0,
    });
    expect(made.sid).toMatch(/^RM_/);
    expect(Number(made.creationTime)).toBeGreaterThanOrEqual(before);
    expect(Number(made.creationTimeMs) / 1000).toBeCloseTo(Number(made.creationTime), -1);

    expect((await rooms.listRooms()).map(({ sid }) => sid)).toContain(made.sid);
    expect(await rooms.listRooms([name])).toEqual([made]);
    expect(await rooms.listRooms(['no such room'])).toEqual([]);

    await rooms.deleteRoom(name);
    expect(await rooms.listRooms([name])).toEqual([]);
    expect(await twirpError(rooms.deleteRoom(name))).toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });

  it('is the same room when it is made again, with what the second call says', async () => {
    const name = uniqueName('room');
    const first = await rooms.createRoom({ name, metadata: 'first', maxParticipants: 4 });
    const again = await rooms.createRoom({ name, metadata: 'second' });
    expect(again).toMatchObject({ sid: first.sid, metadata: 'second', maxParticipants: 4 });
  });

  it('has one life: the next of its name is another room', async () => {
    const name = uniqueName('room');
    const first = await rooms.createRoom({ name });
    await rooms.deleteRoom(name);
    expect((await rooms.createRoom({ name })).sid).not.toBe(first.sid);
  });

  it('tells everybody in it that it is deleted', async () => {
    const name = uniqueName('room');
    const alice = await SignalClient.join(server, await joinToken(name, 'alice'));
    await rooms.deleteRoom(name);
    expect(await alice.next('leave')).toMatchObject({ reason: 5, action: 0 });
    await alice.closed;
    expect(await rooms.listParticipants(name)).toEqual([]);
  });

  it('changes its metadata, empty or not, and tells who is in it', async () => {
    const name = uniqueName('room');
    await rooms.createRoom({ name });
    expect(await rooms.updateRoomMetadata(name, 'one')).toMatchObject({ name, metadata: 'one' });
    const alice = await SignalClient.join(server, await joinToken(name, 'alice'));
    expect(alice.join.room?.metadata).toBe('one');
    expect(await rooms.updateRoomMetadata(name, 'two')).toMatchObject({ metadata: 'two' });
    await alice.next('roomUpdate', ({ room }) => room?.metadata === 'two');
    expect(await rooms.listRooms([name])).toMatchObject([{ metadata: 'two', numParticipants: 1 }]);
    await alice.close();
  });
});

describe('a participant', () => {
  it('is listed and found with everything that is known of it', async () => {
    const room = uniqueName('room');
    const token = await joinToken(room, 'alice', {
      name: 'Alice',
      metadata: 'hers',
      attributes: { floor: '3' },
    });
    const alice = await RawPeer.join(server, token);
    const track = await alice.publish('mic-cid', 'audio');
    await alice.client.settle();
    const found = await rooms.getParticipant(room, 'alice');
    expect(found).toMatchObject({
      sid: alice.sid,
      identity: 'alice',
      name: 'Alice',
      metadata: 'hers',
      attributes: { floor: '3' },
      state: State.JOINED,
      permission: { canPublish: true, canSubscribe: true, canPublishData: true },
    });
    expect(found.tracks.map(({ sid }) => sid)).toEqual([track.sid]);
    expect(Math.abs(Number(found.joinedAtMs) - Date.now())).toBeLessThan(60_000);
    expect(await rooms.listParticipants(room)).toEqual([found]);
    await alice.close();
  });

  it('is gone when its removal returns, and hears why', async () => {
    const room = uniqueName('room');
    const alice = await SignalClient.join(server, await joinToken(room, 'alice'));
    await rooms.removeParticipant(room, 'alice');
    expect(await rooms.listParticipants(room)).toEqual([]);
    expect(await alice.next('leave')).toMatchObject({ reason: 4, action: 0 });
  });

  it('gets a name, metadata and attributes, which the others and the caller see', async () => {
    const room = uniqueName('room');
    const token = await joinToken(room, 'alice', { name: 'Alice', attributes: { a: '1', b: '2' } });
    const alice = await SignalClient.join(server, token);
    const bob = await SignalClient.join(server, await joinToken(room, 'bob'));
    const updated = await rooms.updateParticipant(room, 'alice', {
      name: 'Alicia',
      metadata: 'new',
      attributes: { a: '', c: '3' },
    });
    const expected = { name: 'Alicia', metadata: 'new', attributes: { b: '2', c: '3' } };
    expect(updated).toMatchObject(expected);
    expect(updated.attributes).not.toHaveProperty('a');
    await bob.participant('alice', ({ metadata }) => metadata === 'new');
    // What is not mentioned stays as it was.
    expect(await rooms.updateParticipant(room, 'alice', { name: 'A' })).toMatchObject({
      ...expected,
      name: 'A',
    });
    await Promise.all([alice.close(), bob.close()]);
  });

  it('loses its tracks with the permission to publish, and stays', async () => {
    const room = uniqueName('room');
    const alice = await RawPeer.join(server, await joinToken(room, 'alice'));
    await alice.publish('mic-cid', 'audio');
    const updated = await rooms.updateParticipant(room, 'alice', {
      permission: { canPublish: false, canSubscribe: true, canPublishData: true },
    });
    expect(updated.permission).toMatchObject({ canPublish: false, canSubscribe: true });
    await alice.client.participant('alice', ({ permission }) => permission?.canPublish === false);
    await eventually(async () => {
      expect((await rooms.getParticipant(room, 'alice')).tracks).toEqual([]);
    });
    alice.client.send({ case: 'addTrack', value: { cid: 'x', type: 0 } as never });
    expect(await alice.client.next('requestResponse')).toMatchObject({ reason: 2 });
    await alice.close();
  });

  it('is told to mute a track; nobody else may unmute it', async () => {
    const room = uniqueName('room');
    const alice = await RawPeer.join(server, await joinToken(room, 'alice'));
    const bob = await SignalClient.join(server, await joinToken(room, 'bob'));
    const { sid } = await alice.publish('mic-cid', 'audio');
    const muted = await rooms.mutePublishedTrack(room, 'alice', sid, true);
    expect(muted).toMatchObject({ sid, muted: true });
    expect(await alice.client.next('mute')).toMatchObject({ sid, muted: true });
    await bob.participant('alice', ({ tracks }) => tracks[0]?.muted === true);
    const refused = await twirpError(rooms.mutePublishedTrack(room, 'alice', sid, false));
    expect(refused).toMatchObject({ status: 412, code: 'failed_precondition' });
    expect((await rooms.getParticipant(room, 'alice')).tracks[0]?.muted).toBe(true);
    await Promise.all([alice.close(), bob.close()]);
  });

  it('is subscribed and unsubscribed', async () => {
    const room = uniqueName('room');
    const alice = await RawPeer.join(server, await joinToken(room, 'alice'));
    const bob = await RawPeer.join(server, await joinToken(room, 'bob'), {
      query: { auto_subscribe: '0' },
    });
    const { sid } = await alice.publish('mic-cid', 'audio');
    await rooms.updateSubscriptions(room, 'bob', [sid], true);
    await bob.receives([sid]);
    await rooms.updateSubscriptions(room, 'bob', [sid], false);
    await bob.receives([]);
    await Promise.all([alice.close(), bob.close()]);
  });
});

describe('data from a server', () => {
  it('reaches everybody or those it names, by identity or by sid, from nobody', async () => {
    const room = uniqueName('room');
    const [alice, bob] = await Promise.all([
      connect(server, room, 'alice'),
      connect(server, room, 'bob'),
    ]);
    const received: string[] = [];
    for (const [name, client] of [
      ['alice', alice],
      ['bob', bob],
    ] as const) {
      client.on(RoomEvent.DataReceived, (payload, from, kind, topic) => {
        received.push(`${name}: ${Buffer.from(payload)} ${from?.identity} ${kind} ${topic}`);
      });
    }
    // What is sent before a client's data channels are up waits for them.
    const bytes = (text: string) => new TextEncoder().encode(text);
    const { RELIABLE, LOSSY } = DataPacket_Kind;
    await rooms.sendData(room, bytes('all'), RELIABLE, { topic: 'news' });
    await eventually(() => {
      expect(received.sort()).toEqual(['alice: all undefined 1 news', 'bob: all undefined 1 news']);
    });
    received.length = 0;
    await rooms.sendData(room, bytes('id'), RELIABLE, { destinationIdentities: ['bob'] });
    await rooms.sendData(room, bytes('sid'), RELIABLE, {
      destinationSids: [alice.localParticipant?.sid ?? ''],
    });
    await rooms.sendData(room, bytes('lossy'), LOSSY, { destinationIdentities: ['alice'] });
    await eventually(() => {
      expect(received).toHaveLength(3);
    });
    expect(received.map((line) => line.split(' ').slice(0, 3).join(' ')).sort()).toEqual([
      'alice: lossy undefined',
      'alice: sid undefined',
      'bob: id undefined',
    ]);
  });

  it('is refused when it is larger than a data channel carries', async () => {
    const room = uniqueName('room');
    await rooms.createRoom({ name: room });
    const call = rooms.sendData(room, new Uint8Array(400_000), DataPacket_Kind.RELIABLE, {});
    expect(await twirpError(call)).toMatchObject({ status: 400, code: 'invalid_argument' });
  });
});

describe('a procedure call from a server', () => {
  const perform = async (room: string, request: object) => {
    const token = await apiToken({ roomAdmin: true, room });
    const response = await server.fetch('/twirp/livekit.RoomService/PerformRpc', {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ room, ...request }),
    });
    return { status: response.status, ...((await response.json()) as object) };
  };

  it('is answered by a participant, or with its error', async () => {
    const room = uniqueName('room');
    const alice = await connect(server, room, 'alice');
    alice.localParticipant?.registerRpcMethod('greet', async ({ payload }) => `hello ${payload}`);
    alice.localParticipant?.registerRpcMethod('fail', async () => {
      throw new RpcError(1234, 'not today');
    });
    const call = (method: string) =>
      perform(room, { destinationIdentity: 'alice', method, payload: 'you' });
    expect(await call('greet')).toEqual({ status: 200, payload: 'hello you' });
    expect(await call('fail')).toMatchObject({ msg: 'RpcError 1234: not today' });
    expect(await call('nothing')).toMatchObject({ status: 400, code: 'invalid_argument' });
    expect(await perform(room, { destinationIdentity: 'bob', method: 'greet' })).toMatchObject({
      status: 404,
      code: 'not_found',
    });
    expect(await perform(room, { method: 'greet' })).toMatchObject({ status: 400 });
  });
});

/** One byte more than metadata may have. */
const LONG = 'x'.repeat(512 * 1024 + 1);

describe('a call that cannot be done', () => {
  const nowhere = 'no such room';
  const room = uniqueName('room');
  beforeAll(async () => {
    await rooms.createRoom({ name: room });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['metadata of no room', () => rooms.updateRoomMetadata(nowhere, 'x')],
    ['a participant of no room', () => rooms.getParticipant(nowhere, 'alice')],
    ['a participant that is not there', () => rooms.getParticipant(room, 'alice')],
    ['the removal of nobody', () => rooms.removeParticipant(room, 'alice')],
    ['the update of nobody', () => rooms.updateParticipant(room, 'alice', { name: 'x' })],
    ['the muting of nobody', () => rooms.mutePublishedTrack(room, 'alice', 'TR_x', true)],
    ['subscriptions of nobody', () => rooms.updateSubscriptions(room, 'alice', ['TR_x'], true)],
    ['data into no room', () => rooms.sendData(nowhere, new Uint8Array(1), 0, {})],
  ])('is answered with not_found: %s', async (_, call) => {
    const error = await twirpError(call());
    expect(error).toMatchObject({ status: 404, code: 'not_found' });
    expect(error.message).not.toBe('');
  });

  it('is answered with not_found for a track that is not there', async () => {
    const name = uniqueName('room');
    const alice = await SignalClient.join(server, await joinToken(name, 'alice'));
    const error = await twirpError(rooms.mutePublishedTrack(name, 'alice', 'TR_AMnowhere', true));
    expect(error).toMatchObject({ status: 404, code: 'not_found' });
    await alice.close();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a room without a name', () => rooms.createRoom({ name: '' })],
    ['a room with a long name', () => rooms.createRoom({ name: 'x'.repeat(257) })],
    ['a room with a NUL in its name', () => rooms.createRoom({ name: 'a\u0000b' })],
    ['long metadata', () => rooms.updateRoomMetadata(room, LONG)],
    [
      'a new room with long metadata',
      () => rooms.createRoom({ name: uniqueName('r'), metadata: LONG }),
    ],
  ])('is answered with invalid_argument: %s', async (_, call) => {
    expect(await twirpError(call())).toMatchObject({ status: 400, code: 'invalid_argument' });
  });

  it.each(['MoveParticipant', 'ForwardParticipant'])(
    'is answered as unimplemented: %s',
    async (method) => {
      const token = await apiToken({ roomAdmin: true, room });
      const response = await server.fetch(`/twirp/livekit.RoomService/${method}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ room, identity: 'alice', destinationRoom: 'x' }),
      });
      expect(response.status).toBe(501);
      expect(await response.json()).toMatchObject({ code: 'unimplemented' });
    },
  );

  it.each<[string, (client: RoomServiceClient) => Promise<unknown>]>([
    ['CreateRoom', (client) => client.createRoom({ name: room })],
    ['ListRooms', (client) => client.listRooms()],
    ['SendData', (client) => client.sendData(room, new Uint8Array(1), 0, {})],
  ])('is refused by %s when the secret is another', async (_, call) => {
    const stranger = new RoomServiceClient(server.url, DEMO_KEY.key, `${DEMO_KEY.secret}x`);
    expect(await twirpError(call(stranger))).toMatchObject({ status: 401 });
  });

  it.each<[string, string, object]>([
    ['CreateRoom', 'roomList', { roomList: true }],
    ['DeleteRoom', 'roomAdmin', { roomAdmin: true, room }],
    ['ListRooms', 'roomCreate', { roomCreate: true }],
    ['ListParticipants', 'roomAdmin of another room', { roomAdmin: true, room: 'other' }],
    ['GetParticipant', 'canPublish', { canPublish: true, room }],
    ['SendData', 'nothing', {}],
  ])('is refused by %s with a token for %s', async (method, _, grant) => {
    const response = await server.fetch(`/twirp/livekit.RoomService/${method}`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${await apiToken(grant)}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ room, name: room, identity: 'alice' }),
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ code: 'unauthenticated', msg: 'permissions denied' });
  });
});
