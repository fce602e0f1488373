/** A room whose participants are on different media workers: it must not show. */

import { TrackSource, VideoCodec } from '@livekit/rtc-node';
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
const NAMES = ['alice', 'bob', 'carol'] as const;

let server: Server;
let rooms: RoomServiceClient;
let room: string;
beforeAll(async () => {
  // The first participant of a room goes to the first worker, the second to the next.
  server = await Server.start({
    env: { VISAVIS_MEDIA_WORKERS: '3', VISAVIS_MEDIA_ROOM_SPREAD: '1' },
  });
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

async function everybody(): Promise<[Room, Room, Room]> {
  const [alice, bob, carol] = await Promise.all(NAMES.map((name) => connect(server, room, name)));
  if (!alice || !bob || !carol) throw new Error('nobody came');
  await eventually(() => {
    for (const each of [alice, bob, carol]) expect(each.remoteParticipants.size).toBe(2);
  });
  return [alice, bob, carol];
}

const BASIC = `Basic ${Buffer.from(`${DEMO_KEY.key}:${DEMO_KEY.secret}`).toString('base64')}`;

// biome-ignore lint/suspicious/noExplicitAny: what JSON holds is what the test is about
async function read(path: string): Promise<any> {
  const response = await server.fetch(path, { headers: { Authorization: BASIC } });
  expect(response.status).toBe(200);
  return response.json();
}

/** What a counter says, under each of its labels. */
async function counted(name: string): Promise<number[]> {
  const text = await (await server.fetch('/metrics')).text();
  const lines = text.split('\n').filter((line) => line.startsWith(name));
  return lines.map((line) => Number(line.split(' ').at(-1)));
}

describe('a room on three workers', () => {
  it('carries sound from each to the others', async () => {
    const passedOn = (await counted('visavis_media_rtp_to_workers_total'))[0] ?? 0;
    const people = await everybody();
    const tone = new Tone(48_000, [440]);
    await tone.publish(people[0]);
    for (const listener of people.slice(1)) await hears(listener, 'alice', [440]);
    const answer = new Tone(48_000, [600]);
    await answer.publish(people[2]);
    await hears(people[0], 'carol', [600]);
    await eventually(async () => {
      const now = (await counted('visavis_media_rtp_to_workers_total'))[0] ?? 0;
      expect(now - passedOn).toBeGreaterThan(200);
    });
    const received = await counted('visavis_worker_datagrams_received_total');
    expect(received).toHaveLength(3);
    for (const datagrams of received) expect(datagrams).toBeGreaterThan(50);
    await Promise.all([tone.stop(), answer.stop()]);
  });

  it('names who speaks to those on other workers', async () => {
    const [alice, bob, carol] = await everybody();
    const speaks = [bob, carol].map((listener) =>
      nextEvent<[{ identity: string }[]]>(
        listener,
        RoomEvent.ActiveSpeakersChanged,
        (speakers) => speakers.some(({ identity }) => identity === 'alice'),
      ),
    );
    const tone = new Tone(48_000, [440]);
    await tone.publish(alice);
    await Promise.all(speaks);
    const silent = nextEvent<[unknown[]]>(
      carol,
      RoomEvent.ActiveSpeakersChanged,
      (all) => all.length === 0,
    );
    await tone.stop();
    await silent;
  });

  it.each([
    ['VP8 in layers', VideoCodec.VP8, true],
    ['H.264', VideoCodec.H264, false],
    ['VP9', VideoCodec.VP9, false],
    ['AV1', VideoCodec.AV1, false],
  ])('shows a camera, also to who comes late: %s', async (_, codec, simulcast) => {
    const alice = await connect(server, room, 'alice');
    const picture = new Picture(RED);
    await picture.publish(alice, codec, simulcast);
    for (const name of ['bob', 'carol', 'dave']) {
      const screen = new Screen(await receivedTrack(await connect(server, room, name), 'alice'));
      await screen.shows(RED);
      picture.colour = BLUE;
      await screen.shows(BLUE);
      picture.colour = RED;
      await screen.close();
    }
    await picture.stop();
  });

  it('shows a shared screen beside a camera, until it is not shared any more', async () => {
    const [alice, bob, carol] = await everybody();
    const camera = new Picture(RED);
    const shared = new Picture(BLUE);
    await camera.publish(alice, VideoCodec.VP8, true);
    const { sid } = await shared.publish(
      alice,
      VideoCodec.VP8,
      false,
      TrackSource.SOURCE_SCREENSHARE,
    );
    for (const viewer of [bob, carol]) {
      const screen = new Screen(
        await receivedTrack(viewer, 'alice', (publication) => publication.sid === sid),
      );
      await screen.shows(BLUE);
      await screen.close();
    }
    const gone = [bob, carol].map((viewer) => nextEvent(viewer, RoomEvent.TrackUnpublished));
    await alice.localParticipant?.unpublishTrack(sid ?? '');
    await Promise.all(gone);
    const screen = new Screen(await receivedTrack(carol, 'alice'));
    await screen.shows(RED);
    await Promise.all([screen.close(), camera.stop(), shared.stop()]);
  });

  it('sees on every worker that a server has muted a track', async () => {
    const [alice, bob, carol] = await everybody();
    const tone = new Tone(48_000, [440]);
    const { sid } = await tone.publish(alice);
    await hears(carol, 'alice', [440]);
    const seen = [bob, carol].map((listener) => nextEvent(listener, RoomEvent.TrackMuted));
    await rooms.mutePublishedTrack(room, 'alice', sid ?? '', true);
    await Promise.all(seen);
    await tone.stop();
  });

  it('passes on messages', async () => {
    const [alice, bob, carol] = await everybody();
    const texts = [bob, carol].map((reader) =>
      nextEvent<[Uint8Array]>(reader, RoomEvent.DataReceived),
    );
    await alice.localParticipant?.publishData(Buffer.from('to all'), { reliable: true });
    for (const [payload] of await Promise.all(texts)) {
      expect(Buffer.from(payload).toString()).toBe('to all');
    }
    const answer = nextEvent<[Uint8Array]>(alice, RoomEvent.DataReceived);
    await carol.localParticipant?.publishData(Buffer.from('to one'), {
      reliable: true,
      destination_identities: ['alice'],
    });
    expect(Buffer.from((await answer)[0]).toString()).toBe('to one');
  });

  it('goes on when somebody leaves, and when the first of all does', async () => {
    const [alice, bob, carol] = await everybody();
    const tone = new Tone(48_000, [440]);
    await tone.publish(bob);
    await hears(carol, 'bob', [440]);
    const went = nextEvent(carol, RoomEvent.ParticipantDisconnected);
    await alice.disconnect();
    await went;
    await hears(carol, 'bob', [440]);
    const dave = await connect(server, room, 'dave');
    await hears(dave, 'bob', [440]);
    await tone.stop();
  });

  it('is measured as one room', async () => {
    const [alice, bob] = await everybody();
    const tone = new Tone(48_000, [440]);
    await tone.publish(alice);
    await receivedTrack(bob, 'alice');
    const people = `/v1/rooms/${room}/participants`;
    await eventually(async () => {
      const speaker = await read(`${people}/alice`);
      expect(speaker).toMatchObject({ connected: true, quality: 'excellent' });
      expect(speaker.received_kbps).toBeGreaterThan(10);
      expect(speaker.tracks).toHaveLength(1);
      for (const name of ['bob', 'carol']) {
        const listener = await read(`${people}/${name}`);
        expect(listener).toMatchObject({ connected: true, quality: 'excellent' });
        expect(listener.sent_kbps).toBeGreaterThan(10);
        expect(listener.subscriptions).toMatchObject([{ publisher: 'alice' }]);
      }
    });
    await tone.stop();
  });
});
