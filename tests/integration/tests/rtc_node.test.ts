import { randomBytes } from 'node:crypto';

import { ParticipantInfo_State as State } from '@livekit/protocol';
import {
  DataPacketKind,
  DisconnectReason,
  ParticipantKind,
  RpcError,
  SimulateScenarioKind,
  TrackKind,
  VideoCodec,
} from '@livekit/rtc-node';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import {
  closeLibrary,
  connect,
  eventually,
  hears,
  leaveAll,
  nextEvent,
  type Room,
  RoomEvent,
  receivedTrack,
  Tone,
} from '../support/rtc.js';
import { Server } from '../support/server.js';
import { DEMO_KEY, uniqueName } from '../support/tokens.js';
import { type Colour, Picture, Screen } from '../support/video.js';

const RED: Colour = [200, 40, 40];
const BLUE: Colour = [40, 40, 200];

let server: Server;
let rooms: RoomServiceClient;
let room: string;
beforeAll(async () => {
  server = await Server.start();
  rooms = new RoomServiceClient(server.url, DEMO_KEY.key, DEMO_KEY.secret);
});
beforeEach(() => {
  room = uniqueName('room');
});
afterEach(leaveAll);
afterAll(async () => {
  await closeLibrary();
  expect(await server.stop()).toBe(0);
});

async function pair(): Promise<[Room, Room]> {
  const [alice, bob] = await Promise.all([
    connect(server, room, 'alice'),
    connect(server, room, 'bob'),
  ]);
  await eventually(async () => {
    const states = (await rooms.listParticipants(room)).map(({ state }) => state);
    expect(states).toEqual([State.ACTIVE, State.ACTIVE]);
  });
  return [alice, bob];
}

describe('a room', () => {
  it('is what the token and the server say', async () => {
    const before = Date.now();
    const alice = await connect(server, room, 'alice', { name: 'Alice', attributes: { a: 'b' } });
    expect(alice.name).toBe(room);
    expect(Math.abs((alice.creationTime?.getTime() ?? 0) - before)).toBeLessThan(10_000);
    expect(alice.localParticipant).toMatchObject({
      identity: 'alice',
      name: 'Alice',
      kind: ParticipantKind.STANDARD,
      attributes: { a: 'b' },
    });
    expect(alice.localParticipant?.sid).toMatch(/^PA_/);
    const [first, second] = await Promise.all([alice.getSid(), alice.getSid()]);
    expect(first).toMatch(/^RM_/);
    expect(second).toBe(first);
    expect((await rooms.listRooms([room]))[0]?.sid).toBe(first);
  });

  it('shows who comes and who goes', async () => {
    const alice = await connect(server, room, 'alice');
    const came = nextEvent(alice, RoomEvent.ParticipantConnected);
    const bob = await connect(server, room, 'bob', { name: 'Bob' });
    expect((await came)[0]).toMatchObject({ identity: 'bob', name: 'Bob' });
    await eventually(() => expect(bob.remoteParticipants.has('alice')).toBe(true));
    const went = nextEvent(alice, RoomEvent.ParticipantDisconnected);
    await bob.disconnect();
    expect((await went)[0]).toMatchObject({ identity: 'bob' });
    expect(alice.remoteParticipants.size).toBe(0);
  });

  it('passes on names, metadata and attributes', async () => {
    const grant = { canUpdateOwnMetadata: true };
    const alice = await connect(server, room, 'alice', { grant });
    const bob = await connect(server, room, 'bob');
    await eventually(() => expect(bob.remoteParticipants.has('alice')).toBe(true));
    await alice.localParticipant?.updateName('Alicia');
    await alice.localParticipant?.updateMetadata('about me');
    await alice.localParticipant?.setAttributes({ hand: 'up' });
    await eventually(() =>
      expect(bob.remoteParticipants.get('alice')).toMatchObject({
        name: 'Alicia',
        metadata: 'about me',
        attributes: { hand: 'up' },
      }),
    );
    await rooms.updateRoomMetadata(room, 'about us');
    await eventually(() =>
      expect([alice.metadata, bob.metadata]).toEqual(['about us', 'about us']),
    );
  });
});

describe('audio', () => {
  it.each([
    ['mono at 48 kHz', 48_000, [440], 48_000, 1],
    ['stereo at 48 kHz', 48_000, [300, 300], 48_000, 2],
    ['stereo at 24 kHz', 24_000, [200, 200], 24_000, 2],
    ['stereo, heard as mono', 24_000, [500, 500], 24_000, 1],
  ])('is heard as it was played: %s', async (_, rate, tones, heardRate, channels) => {
    const [alice, bob] = await pair();
    const tone = new Tone(rate, tones);
    const { sid } = await tone.publish(alice);
    const track = await receivedTrack(bob, 'alice', (publication) => publication.sid === sid);
    expect(track.kind).toBe(TrackKind.KIND_AUDIO);
    await hears(bob, 'alice', tones.slice(0, channels), heardRate);
    await tone.stop();
  });

  it('names who speaks', async () => {
    const [alice, bob] = await pair();
    const speaks = nextEvent<[{ identity: string }[]]>(
      bob,
      RoomEvent.ActiveSpeakersChanged,
      (speakers) => speakers.some(({ identity }) => identity === 'alice'),
    );
    const tone = new Tone(48_000, [440]);
    await tone.publish(alice);
    await speaks;
    const silent = nextEvent<[unknown[]]>(
      bob,
      RoomEvent.ActiveSpeakersChanged,
      (all) => all.length === 0,
    );
    await tone.stop();
    await silent;
  });

  it.each([
    ['its signalling was lost', SimulateScenarioKind.SIMULATE_SIGNAL_RECONNECT],
    ['it had to begin anew', SimulateScenarioKind.SIMULATE_FULL_RECONNECT],
  ])('goes on for a publisher after %s', async (_, scenario) => {
    const [alice, bob] = await pair();
    const tone = new Tone(48_000, [440]);
    await tone.publish(alice);
    await receivedTrack(bob, 'alice');
    const back = nextEvent(alice, RoomEvent.Reconnected);
    await alice.simulateScenario(scenario);
    await back;
    await hears(bob, 'alice', [440]);
    expect(alice.localParticipant?.trackPublications.size).toBe(1);
    expect(bob.remoteParticipants.get('alice')?.trackPublications.size).toBe(1);
    await tone.stop();
  });
});

describe('video', () => {
  it.each([
    ['VP8', VideoCodec.VP8, false],
    ['VP8 in layers', VideoCodec.VP8, true],
    ['H.264', VideoCodec.H264, false],
    ['VP9', VideoCodec.VP9, false],
    ['AV1', VideoCodec.AV1, false],
  ])('is seen as it was shown, in both directions: %s', async (_, codec, simulcast) => {
    const [alice, bob] = await pair();
    const pictures = [new Picture(RED), new Picture(BLUE)] as const;
    await pictures[0].publish(alice, codec, simulcast);
    await pictures[1].publish(bob, codec, simulcast);
    const atBob = new Screen(await receivedTrack(bob, 'alice'));
    const atAlice = new Screen(await receivedTrack(alice, 'bob'));
    await atBob.shows(RED);
    await atAlice.shows(BLUE);
    pictures[0].colour = BLUE;
    const { width, height } = await atBob.shows(BLUE);
    expect(width / height).toBeCloseTo(16 / 9, 1);
    await Promise.all([...pictures.map((each) => each.stop()), atBob.close(), atAlice.close()]);
  });

  it('begins at once for who comes late', async () => {
    const alice = await connect(server, room, 'alice');
    const picture = new Picture(RED);
    await picture.publish(alice, VideoCodec.VP8);
    const first = new Screen(await receivedTrack(await connect(server, room, 'bob'), 'alice'));
    await first.shows(RED);
    const late = new Screen(await receivedTrack(await connect(server, room, 'carol'), 'alice'));
    await late.shows(RED);
    await Promise.all([picture.stop(), first.close(), late.close()]);
  });
});

describe('a track', () => {
  it('muted by a server falls silent, and everybody sees that', async () => {
    const [alice, bob] = await pair();
    const tone = new Tone(48_000, [440]);
    const { sid } = await tone.publish(alice);
    await hears(bob, 'alice', [440]);
    const seen = ['alice', 'bob'].map((name, i) =>
      nextEvent<[{ sid: string }]>([alice, bob][i] as Room, RoomEvent.TrackMuted).then(
        ([publication]) => `${name} ${publication.sid}`,
      ),
    );
    expect((await rooms.mutePublishedTrack(room, 'alice', sid ?? '', true)).muted).toBe(true);
    expect(await Promise.all(seen)).toEqual([`alice ${sid}`, `bob ${sid}`]);
    expect(bob.remoteParticipants.get('alice')?.trackPublications.get(sid ?? '')?.muted).toBe(true);
    await tone.stop();
  });

  it('is unsubscribed and subscribed again', async () => {
    const [alice, bob] = await pair();
    const tone = new Tone(48_000, [440]);
    const { sid } = await tone.publish(alice);
    await receivedTrack(bob, 'alice');
    const publication = bob.remoteParticipants.get('alice')?.trackPublications.get(sid ?? '');
    const gone = nextEvent(bob, RoomEvent.TrackUnsubscribed);
    publication?.setSubscribed(false);
    await gone;
    const back = nextEvent(bob, RoomEvent.TrackSubscribed);
    publication?.setSubscribed(true);
    await back;
    await hears(bob, 'alice', [440]);
    await tone.stop();
  });

  it('goes before its publisher does', async () => {
    const [alice, bob] = await pair();
    const tone = new Tone(48_000, [440]);
    const picture = new Picture(RED);
    await tone.publish(alice);
    await picture.publish(alice, VideoCodec.VP8);
    await eventually(() =>
      expect(bob.remoteParticipants.get('alice')?.trackPublications.size).toBe(2),
    );
    const events: string[] = [];
    bob.on(RoomEvent.TrackUnpublished, () => events.push('track'));
    bob.on(RoomEvent.ParticipantDisconnected, () => events.push('participant'));
    await alice.disconnect();
    await eventually(() => expect(events).toEqual(['track', 'track', 'participant']));
    await Promise.all([tone.stop(), picture.stop()]);
  });
});

describe('data', () => {
  it('arrives whole and in order when it is reliable', async () => {
    const [alice, bob] = await pair();
    const sent = Array.from({ length: 128 }, () => randomBytes(4096));
    const received: Buffer[] = [];
    bob.on(RoomEvent.DataReceived, (payload, from, kind, topic) => {
      expect([from?.identity, kind, topic]).toEqual(['alice', DataPacketKind.KIND_RELIABLE, 't']);
      received.push(Buffer.from(payload));
    });
    for (const packet of sent) {
      await alice.localParticipant?.publishData(packet, {
        reliable: true,
        topic: 't',
        destination_identities: ['bob'],
      });
    }
    await eventually(() => expect(received).toHaveLength(sent.length));
    expect(Buffer.concat(received).equals(Buffer.concat(sent))).toBe(true);
  });

  it('arrives when it is lossy, and only where it is sent to', async () => {
    const [alice, bob] = await pair();
    const carol = await connect(server, room, 'carol');
    const atCarol: string[] = [];
    carol.on(RoomEvent.DataReceived, (payload) => atCarol.push(Buffer.from(payload).toString()));
    const arrived = nextEvent(bob, RoomEvent.DataReceived);
    const send = (text: string, reliable: boolean, to: string[]) =>
      alice.localParticipant?.publishData(Buffer.from(text), {
        reliable,
        destination_identities: to,
      });
    // A lossy packet may be lost, even here: it is repeated, as games do.
    const repeat = setInterval(() => void send('for bob', false, ['bob']), 100);
    const [payload, from, kind] = await arrived;
    clearInterval(repeat);
    expect(Buffer.from(payload as Uint8Array).toString()).toBe('for bob');
    expect(from).toMatchObject({ identity: 'alice' });
    expect(kind).toBe(DataPacketKind.KIND_LOSSY);
    await send('for carol', true, ['carol']);
    await eventually(() => expect(atCarol).toEqual(['for carol']));
  });

  it('is refused to those who may not send it', async () => {
    const bob = await connect(server, room, 'bob');
    const received: string[] = [];
    bob.on(RoomEvent.DataReceived, (payload) => received.push(Buffer.from(payload).toString()));
    const mute = await connect(server, room, 'mute', { grant: { canPublishData: false } });
    const alice = await connect(server, room, 'alice');
    const send = (from: Room, text: string) =>
      from.localParticipant?.publishData(Buffer.from(text), { reliable: true });
    await send(mute, 'not allowed')?.catch(() => undefined);
    await send(alice, 'allowed');
    await eventually(() => expect(received).toEqual(['allowed']));
  });

  it.each([
    ['a few words', 'hello', 'plain'],
    ['words of several bytes a letter', 'Привет, 早上好, қайырлы таң 👋'.repeat(500), 'plain'],
    ['50 kB that compress well', 'all work and no play '.repeat(2500), 'long'],
  ])('streams text: %s', async (_, text, topic) => {
    const [alice, bob] = await pair();
    const received = new Promise<[string, string, Record<string, string>]>((resolve) => {
      bob.registerTextStreamHandler(topic, async (reader, { identity }) => {
        resolve([await reader.readAll(), identity, reader.info.attributes ?? {}]);
      });
    });
    await alice.localParticipant?.sendText(text, { topic, attributes: { colour: 'red' } });
    const [read, from, attributes] = await received;
    expect(read === text).toBe(true);
    expect(from).toBe('alice');
    expect(attributes).toMatchObject({ colour: 'red' });
  });

  it.each([
    ['a few bytes', 10],
    ['two megabytes', 2_000_000],
  ])('streams bytes: %s', async (_, size) => {
    const [alice, bob] = await pair();
    const bytes = randomBytes(size);
    const received = new Promise<{ read: Buffer; info: object }>((resolve) => {
      bob.registerByteStreamHandler('file', async (reader) => {
        resolve({ read: Buffer.concat(await reader.readAll()), info: reader.info });
      });
    });
    const options = { topic: 'file', name: 'a.bin', mimeType: 'image/x', totalSize: size };
    const writer = await alice.localParticipant?.streamBytes(options);
    for (let at = 0; at < size; at += 60_000) await writer?.write(bytes.subarray(at, at + 60_000));
    await writer?.close();
    const { read, info } = await received;
    expect(read.equals(bytes)).toBe(true);
    expect(info).toMatchObject({ name: 'a.bin', mimeType: 'image/x', totalSize: size });
  });

  it('may lose its receiver in the middle of a stream', async () => {
    const [alice, bob] = await pair();
    const begun = new Promise<void>((resolve) => {
      bob.registerByteStreamHandler('file', () => resolve());
    });
    const writer = await alice.localParticipant?.streamBytes({ topic: 'file' });
    await writer?.write(randomBytes(50_000));
    await begun;
    await bob.disconnect();
    await writer?.write(randomBytes(50_000));
    await writer?.close();
    expect(await rooms.listParticipants(room)).toHaveLength(1);
  });
});

describe('procedure calls', () => {
  it('go both ways, with their results and their errors', async () => {
    const clients = await pair();
    for (const client of clients) {
      client.localParticipant?.registerRpcMethod('echo', async ({ payload, callerIdentity }) => {
        return `${callerIdentity}: ${payload}`;
      });
      client.localParticipant?.registerRpcMethod('fail', async () => {
        throw new RpcError(1777, 'no', 'because');
      });
    }
    const call = (from: Room, to: string, method: string, payload = 'x'.repeat(10_000)) =>
      from.localParticipant?.performRpc({
        destinationIdentity: to,
        method,
        payload,
        responseTimeout: 5000,
      });
    const [alice, bob] = clients;
    expect(await call(alice, 'bob', 'echo', 'hi')).toBe('alice: hi');
    expect(await call(bob, 'alice', 'echo', 'ho')).toBe('bob: ho');
    expect(await call(bob, 'alice', 'echo')).toBe(`bob: ${'x'.repeat(10_000)}`);
    await expect(call(alice, 'bob', 'fail')).rejects.toMatchObject({ code: 1777, data: 'because' });
    await expect(call(alice, 'bob', 'none')).rejects.toMatchObject({ code: 1400 });
  });

  it('to nobody end with the time-out of the caller', async () => {
    const alice = await connect(server, room, 'alice');
    const call = alice.localParticipant?.performRpc({
      destinationIdentity: 'nobody',
      method: 'echo',
      payload: '',
      responseTimeout: 1000,
    });
    await expect(call).rejects.toMatchObject({ code: 1501 });
  });
});

describe('an end', () => {
  it.each<[string, DisconnectReason, () => Promise<unknown>]>([
    ['removed', DisconnectReason.PARTICIPANT_REMOVED, () => rooms.removeParticipant(room, 'alice')],
    ['the room deleted', DisconnectReason.ROOM_DELETED, () => rooms.deleteRoom(room)],
    [
      'another of its identity come',
      DisconnectReason.DUPLICATE_IDENTITY,
      () => connect(server, room, 'alice'),
    ],
  ])('is told with its reason: %s', async (_, reason, act) => {
    const alice = await connect(server, room, 'alice');
    const ended = nextEvent<[DisconnectReason]>(alice, RoomEvent.Disconnected);
    await act();
    expect(await ended).toEqual([reason]);
    expect(alice.isConnected).toBe(false);
  });

  it('of four at once is seen by each of them', async () => {
    const all = await Promise.all(
      ['a', 'b', 'c', 'd'].map((identity) => connect(server, room, identity)),
    );
    const tones = all.map(() => new Tone(48_000, [440]));
    await Promise.all(all.map((client, i) => tones[i]?.publish(client)));
    await Promise.all(
      all.flatMap((client) =>
        [...'abcd']
          .filter((identity) => identity !== client.localParticipant?.identity)
          .map((identity) => receivedTrack(client, identity)),
      ),
    );
    const ended = all.map((client) => nextEvent(client, RoomEvent.Disconnected));
    await Promise.all(all.map((client) => client.disconnect()));
    await Promise.all(ended);
    await Promise.all(tones.map((tone) => tone.stop()));
    await eventually(async () => expect(await rooms.listParticipants(room)).toEqual([]));
  });
});
