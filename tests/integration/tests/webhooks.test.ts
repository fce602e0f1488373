import { createHash } from 'node:crypto';

import { ParticipantInfo_State as State } from '@livekit/protocol';
import { RoomServiceClient, WebhookReceiver } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { closeLibrary, connect, eventually, leaveAll, Tone } from '../support/rtc.js';
import { Server } from '../support/server.js';
import { SignalClient } from '../support/signal_client.js';
import { claimsOf, DEMO_KEY, joinToken, uniqueName } from '../support/tokens.js';
import { type Delivery, WebhookSink } from '../support/webhook_sink.js';

let sink: WebhookSink;
let selective: WebhookSink;
let server: Server;
let rooms: RoomServiceClient;
beforeAll(async () => {
  sink = await WebhookSink.open(DEMO_KEY);
  selective = await WebhookSink.open(DEMO_KEY);
  const webhook = (url: string, more = '') =>
    `[[webhook]]\nurl = "${url}"\napi_key = "${DEMO_KEY.key}"\n${more}\n`;
  server = await Server.start({
    config:
      webhook(sink.url) +
      webhook(
        selective.url,
        'include = ["room_started", "room_finished"]\nexclude = ["room_finished"]',
      ),
  });
  rooms = new RoomServiceClient(server.url, DEMO_KEY.key, DEMO_KEY.secret);
});
afterEach(async () => {
  sink.answer = () => 200;
  await leaveAll();
});
afterAll(async () => {
  await closeLibrary();
  expect(await server.stop()).toBe(0);
  await Promise.all([sink.close(), selective.close()]);
});

const of = (room: string) => (delivery: Delivery) => delivery.event.room?.name === room;

describe('webhooks', () => {
  it('tell the life of a room, in order', async () => {
    const room = uniqueName('room');
    const made = await rooms.createRoom({ name: room, metadata: 'm' });
    const alice = await connect(server, room, 'alice', { name: 'Alice' });
    const tone = new Tone(48_000, [440]);
    const { sid } = await tone.publish(alice);
    await sink.taken('track_published', room);
    await alice.localParticipant?.unpublishTrack(sid ?? '');
    await sink.taken('track_unpublished', room);
    const participant = alice.localParticipant?.sid;
    await alice.disconnect();
    await sink.taken('participant_left', room);
    const gone = await SignalClient.join(server, await joinToken(room, 'gone'));
    await gone.close();
    await sink.taken('participant_connection_aborted', room);
    await rooms.deleteRoom(room);
    await sink.taken('room_finished', room);
    await tone.stop();

    const events = sink.events(room);
    expect(events.map(({ event }) => event)).toEqual([
      'room_started',
      'participant_joined',
      'track_published',
      'track_unpublished',
      'participant_left',
      'participant_connection_aborted',
      'room_finished',
    ]);
    const now = Date.now() / 1000;
    for (const event of events) {
      expect(event.id).toMatch(/^EV_/);
      expect(Math.abs(Number(event.createdAt) - now)).toBeLessThan(60);
      expect(event.room).toMatchObject({ sid: made.sid, name: room });
    }
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    const [started, joined, published, unpublished, left, aborted] = events;
    expect(started?.room).toMatchObject({ metadata: 'm', creationTime: made.creationTime });
    expect(started?.participant).toBeUndefined();
    expect(joined?.participant).toMatchObject({
      sid: participant,
      identity: 'alice',
      name: 'Alice',
      state: State.ACTIVE,
    });
    for (const event of [published, unpublished]) {
      expect(event?.participant).toMatchObject({ sid: participant, identity: 'alice' });
      expect(event?.track).toMatchObject({ sid, name: 'tone', mimeType: 'audio/red' });
    }
    expect(left?.participant).toMatchObject({ sid: participant, state: State.DISCONNECTED });
    expect(aborted?.participant).toMatchObject({ identity: 'gone' });
  });

  it('come as the receivers of the SDKs want them', async () => {
    const room = uniqueName('room');
    await rooms.createRoom({ name: room });
    const [delivery] = await sink.until(of(room));
    const { headers, body } = delivery as Delivery;
    expect(headers['content-type']).toBe('application/webhook+json');
    expect(headers['user-agent']).toBe('LiveKit');
    const token = headers.authorization ?? '';
    const claims = claimsOf(token);
    expect(claims).toMatchObject({
      iss: DEMO_KEY.key,
      sha256: createHash('sha256').update(body).digest('base64'),
    });
    expect(Number(claims.exp) - Number(claims.nbf)).toBe(300);
    // That the sink takes it proves nothing unless it refuses these.
    const receiver = new WebhookReceiver(DEMO_KEY.key, DEMO_KEY.secret);
    await expect(receiver.receive(`${body} `, token)).rejects.toThrow();
    const stranger = new WebhookReceiver(DEMO_KEY.key, `${DEMO_KEY.secret}x`);
    await expect(stranger.receive(body, token)).rejects.toThrow();
  });

  it('are repeated until they are taken, and those behind them wait', async () => {
    const [room, other] = [uniqueName('room'), uniqueName('room')];
    sink.answer = ({ event, room: of }) => {
      const failures = sink.deliveries.filter(({ status }) => status === 503).length;
      return of?.name === room && event === 'room_started' && failures < 2 ? 503 : 200;
    };
    await rooms.createRoom({ name: room });
    await rooms.deleteRoom(room);
    await sink.until(({ status }) => status === 503);
    // A room whose delivery fails holds up no other.
    await rooms.createRoom({ name: other });
    await sink.taken('room_started', other);
    expect(sink.names(room)).toEqual([]);
    await sink.taken('room_finished', room);
    const seen = sink.deliveries.filter(of(room));
    expect(seen.map(({ event, status }) => `${event.event} ${status}`)).toEqual([
      'room_started 503',
      'room_started 503',
      'room_started 200',
      'room_finished 200',
    ]);
    const ids = seen.map(({ event }) => event.id);
    expect(new Set(ids.slice(0, 3)).size).toBe(1);
    expect(seen[0]?.body).toBe(seen[2]?.body);
  });

  it('are only what their receiver asked for', async () => {
    const room = uniqueName('room');
    await rooms.createRoom({ name: room });
    await rooms.deleteRoom(room);
    await sink.taken('room_finished', room);
    const next = uniqueName('room');
    await rooms.createRoom({ name: next });
    await selective.taken('room_started', next);
    expect(selective.names(room)).toEqual(['room_started']);
  });

  it('reach no private network that the configuration does not allow', async () => {
    const cautious = await Server.start({
      config: `[egress]\nallow_private = []\n[[webhook]]\nurl = "${sink.url}"\napi_key = "${DEMO_KEY.key}"\n`,
    });
    const room = uniqueName('room');
    await new RoomServiceClient(cautious.url, DEMO_KEY.key, DEMO_KEY.secret).createRoom({
      name: room,
    });
    const refused = await cautious.event('webhook.not_delivered');
    expect(refused).toMatchObject({
      level: 'warning',
      url: sink.url,
      error: expect.stringMatching(/^permission_denied: /),
    });
    expect(sink.deliveries.filter(of(room))).toEqual([]);
    expect(await cautious.stop()).toBe(0);
  });

  it('outlive the server: what was not taken is delivered after kill -9', async () => {
    const names = Array.from({ length: 20 }, () => uniqueName('room'));
    // Some fail, some were delivered, and some are under way when the server is killed.
    sink.answer = ({ room }) => (names.indexOf(room?.name ?? '') % 2 === 0 ? 503 : 200);
    await Promise.all(names.map((name) => rooms.createRoom({ name })));
    await Promise.all(names.slice(0, 10).map((name) => rooms.deleteRoom(name)));
    await sink.until(({ status }) => status === 503);
    const open = await rooms.listRooms();
    await server.restart();
    sink.answer = () => 200;
    await server.event('server.rooms_left_open_were_closed', { rooms: open.length });
    await eventually(() => {
      for (const name of names) {
        // At least once, and in order: a repeated delivery keeps its id.
        const taken = new Map(sink.events(name).map(({ id, event }) => [id, event]));
        expect([name, ...taken.values()]).toEqual([name, 'room_started', 'room_finished']);
      }
    });
    rooms = new RoomServiceClient(server.url, DEMO_KEY.key, DEMO_KEY.secret);
    const room = uniqueName('room');
    await rooms.createRoom({ name: room });
    await sink.taken('room_started', room);
  });
});
