import { randomInt } from 'node:crypto';

import { ParticipantInfo_State as State } from '@livekit/protocol';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { refusal } from '../support/refusal.js';
import { closeLibrary, connect, leaveAll, Tone } from '../support/rtc.js';
import { Server } from '../support/server.js';
import { type ConnectOptions, MODES, SignalClient } from '../support/signal_client.js';
import { claimsOf, DEMO_KEY, joinToken, uniqueName } from '../support/tokens.js';

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

const RECONNECT = 2;
const STATE_MISMATCH = 6;

describe.each(MODES)('a session in %s mode', (mode) => {
  const resuming = (sid: string): ConnectOptions =>
    mode === 'dual'
      ? {
          mode,
          query: {
            reconnect: '1',
            sid,
            reconnect_reason: '1',
            auto_subscribe: '1',
            protocol: '17',
          },
        }
      : { mode, join: { reconnect: true, reconnectReason: 1, participantSid: sid } };

  it('goes on over a new socket, which hears of everybody and of itself', async () => {
    const room = uniqueName('room');
    const watcher = await SignalClient.join(server, await joinToken(room, 'watcher'), { mode });
    const alice = await connect(server, room, 'alice');
    const sid = alice.localParticipant?.sid ?? '';
    const tone = new Tone(48_000, [440]);
    const { sid: mic } = await tone.publish(alice);
    await watcher.participant('alice', ({ tracks }) => tracks.length === 1);

    // We take the session from the SDK, as its own next connection would.
    const resumed = await SignalClient.connect(
      server,
      await joinToken(room, 'alice'),
      resuming(sid),
    );
    const reconnect = await resumed.next('reconnect');
    expect(resumed.received[0]?.message.case).toBe('reconnect');
    expect(reconnect.serverInfo?.protocol).toBe(17);
    const update = await resumed.next('update');
    expect(update.participants.map(({ identity }) => identity).sort()).toEqual([
      'alice',
      'watcher',
    ]);
    expect(update.participants.find(({ identity }) => identity === 'alice')).toMatchObject({
      sid,
      tracks: [{ sid: mic }],
    });
    expect((await resumed.next('roomUpdate')).room?.name).toBe(room);
    // It takes its session back, and the room has not noticed anything.
    await resumed.closed;
    await watcher.settle();
    const gone = watcher.received.some(
      ({ message }) =>
        message.case === 'update' &&
        message.value.participants.some(({ state }) => state === State.DISCONNECTED),
    );
    expect(gone).toBe(false);
    expect(await rooms.listParticipants(room)).toHaveLength(2);
    await tone.stop();
    await watcher.close();
  });

  it('is told to join again when it claims tracks that the server does not know', async () => {
    const room = uniqueName('room');
    const watcher = await SignalClient.join(server, await joinToken(room, 'watcher'), { mode });
    const alice = await connect(server, room, 'alice');
    await watcher.participant('alice', ({ state }) => state === State.ACTIVE);
    const sid = alice.localParticipant?.sid ?? '';
    const token = await joinToken(room, 'alice');
    const resumed = await SignalClient.connect(server, token, resuming(sid));
    resumed.send({
      case: 'syncState',
      value: { publishTracks: [{ cid: 'x', track: { sid: 'TR_AMnowhere0000' } }] } as never,
    });
    expect(await resumed.next('leave')).toMatchObject({
      reason: STATE_MISMATCH,
      action: RECONNECT,
    });
    await resumed.closed;
    await watcher.close();
  });

  it('is told to join again while its media never came up', async () => {
    const token = await joinToken(uniqueName('room'), 'alice');
    const first = await SignalClient.join(server, token, { mode });
    const sid = first.join.participant?.sid ?? '';
    const resumed = await SignalClient.connect(server, token, resuming(sid));
    expect(await resumed.next('leave')).toMatchObject({ action: RECONNECT });
    await first.close();
  });

  it.each([
    ['unknown to the server', () => 'PA_nobodyhere00'],
    ['of an earlier session', (sids: string[]) => sids[0] ?? ''],
    ['empty', () => ''],
  ])('is told to join again when its sid is %s', async (_, sidOf) => {
    const room = uniqueName('room');
    const token = await joinToken(room, 'alice');
    const old = await SignalClient.join(server, token, { mode });
    const live = await SignalClient.join(server, token, { mode });
    const sid = sidOf([old.join.participant?.sid ?? '']);
    const resumed = await SignalClient.connect(server, token, resuming(sid));
    const leave = await resumed.next('leave');
    expect(resumed.received[0]?.message.case).toBe('leave');
    expect(leave).toMatchObject({ reason: STATE_MISMATCH, action: RECONNECT });
    expect((await resumed.closed).code).toBe(1000);
    // Whoever holds the identity now is not disturbed.
    await live.settle();
    await live.close();
  });

  it('is told to join again when the room is gone', async () => {
    const token = await joinToken(uniqueName('room'), 'alice');
    const resumed = await SignalClient.connect(server, token, resuming('PA_abcdefghjkmn'));
    const leave = await resumed.next('leave');
    expect(leave).toMatchObject({ reason: STATE_MISMATCH, action: RECONNECT });
  });

  it('cannot be resumed with a bad token', async () => {
    const room = uniqueName('room');
    const first = await SignalClient.join(server, await joinToken(room, 'alice'), { mode });
    const sid = first.join.participant?.sid ?? '';
    const other = await joinToken(room, 'alice', { pair: { key: 'devkey', secret: 'wrong' } });
    const error = await refusal(SignalClient.connect(server, other, resuming(sid)));
    expect(error.status).toBe(401);
    // Nor by another participant of the room.
    const mallory = await joinToken(room, 'mallory');
    const resumed = await SignalClient.connect(server, mallory, resuming(sid));
    expect(await resumed.next('leave')).toMatchObject({ reason: STATE_MISMATCH });
    await first.settle();
    await first.close();
  });

  it('ends at once when its client leaves', async () => {
    const room = uniqueName('room');
    const client = await SignalClient.join(server, await joinToken(room, 'alice'), { mode });
    client.send({ case: 'leave', value: { reason: 1, action: 0 } as never });
    await client.closed;
    expect(await rooms.listParticipants(room)).toEqual([]);
  });

  it('ends when a server administrator removes the participant', async () => {
    const room = uniqueName('room');
    const client = await SignalClient.join(server, await joinToken(room, 'alice'), { mode });
    await rooms.removeParticipant(room, 'alice');
    expect(await client.next('leave')).toMatchObject({ reason: 4, action: 0 });
    expect((await client.closed).code).toBe(1000);
    expect(await rooms.listParticipants(room)).toEqual([]);
  });

  it('gets a new token whenever what it says has changed', async () => {
    const room = uniqueName('room');
    const token = await joinToken(room, 'alice', { attributes: { a: '1' } });
    const client = await SignalClient.join(server, token, { mode });
    await client.next('refreshToken');
    await rooms.updateParticipant(room, 'alice', {
      metadata: 'new',
      name: 'Alice',
      attributes: { a: '', b: '2' },
      permission: { canPublish: false, canSubscribe: true },
    });
    const info = await client.participant('alice', ({ metadata }) => metadata === 'new');
    expect(info).toMatchObject({ name: 'Alice', attributes: { b: '2' } });
    expect(info.permission).toMatchObject({ canPublish: false, canPublishData: false });
    const refreshed = await client.next('refreshToken', (text) => claimsOf(text).name === 'Alice');
    expect(claimsOf(refreshed)).toMatchObject({
      metadata: 'new',
      attributes: { b: '2' },
      video: { canPublish: false, canPublishData: false, canSubscribe: true },
    });
    await client.close();
    const again = await SignalClient.join(server, refreshed, { mode });
    expect(again.join.participant).toMatchObject({ name: 'Alice', metadata: 'new' });
    await again.close();
  });

  it('changes its own name and metadata only with the right to', async () => {
    const room = uniqueName('room');
    const requestId = randomInt(1, 1000);
    const grant = { canUpdateOwnMetadata: true };
    const alice = await SignalClient.join(server, await joinToken(room, 'alice', { grant }), {
      mode,
    });
    alice.send({
      case: 'updateMetadata',
      value: { name: 'A', metadata: 'mine', attributes: { x: 'y' }, requestId } as never,
    });
    expect(await alice.next('requestResponse')).toMatchObject({ requestId, reason: 0 });
    const info = await alice.participant('alice', ({ name }) => name === 'A');
    expect(info).toMatchObject({ metadata: 'mine', attributes: { x: 'y' } });
    alice.send({
      case: 'updateMetadata',
      value: { metadata: 'm'.repeat(600_000), requestId: requestId + 1 } as never,
    });
    expect(await alice.next('requestResponse')).toMatchObject({
      requestId: requestId + 1,
      reason: 3,
    });
    const bob = await SignalClient.join(server, await joinToken(room, 'bob'), { mode });
    bob.send({ case: 'updateMetadata', value: { name: 'B', requestId } as never });
    expect(await bob.next('requestResponse')).toMatchObject({ requestId, reason: 2 });
    expect((await rooms.getParticipant(room, 'bob')).name).toBe('');
    await Promise.all([alice.close(), bob.close()]);
  });
});

describe('a server that is told to stop', () => {
  it.each(MODES)('sends everybody elsewhere and ends with 0, in %s mode', async (mode) => {
    const own = await Server.start();
    const room = uniqueName('room');
    const clients = await Promise.all(
      ['alice', 'bob', 'carol'].map(async (identity) =>
        SignalClient.join(own, await joinToken(room, identity), { mode }),
      ),
    );
    const code = own.stop();
    for (const client of clients) {
      expect(await client.next('leave')).toMatchObject({ reason: 3, action: RECONNECT });
      await client.closed;
    }
    expect(await code).toBe(0);
    expect(own.log.filter(({ level }) => level === 'error')).toEqual([]);
    // The next start finds nothing left open.
    await own.launch();
    expect(own.log.map(({ event }) => event)).not.toContain('server.rooms_left_open_were_closed');
    // And a client that comes back with its old session learns that it is a new one.
    const resumed = await SignalClient.connect(own, await joinToken(room, 'alice'), {
      mode,
      query: mode === 'dual' ? { reconnect: '1', sid: 'PA_abcdefghjkmn', protocol: '17' } : {},
      join: { reconnect: true, participantSid: 'PA_abcdefghjkmn' },
    });
    expect(await resumed.next('leave')).toMatchObject({ action: RECONNECT });
    expect(await own.stop()).toBe(0);
  });
});
