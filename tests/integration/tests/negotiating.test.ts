import {
  AudioTrackFeature,
  type ParticipantInfo,
  type SubscriptionPermission,
} from '@livekit/protocol';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { RawPeer } from '../support/raw_peer.js';
import { codecsOf, midOf, sectionsOf } from '../support/sdp.js';
import { Server } from '../support/server.js';
import { MODES } from '../support/signal_client.js';
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

const hasTracks = (count: number) => (info: ParticipantInfo) => info.tracks.length === count;
const ANDROID_WITHOUT_H264 = {
  sdk: 3,
  os: 'android',
  deviceModel: 'Xiaomi 2201117TI',
  protocol: 17,
} as const;

describe.each(MODES)('negotiation in %s mode', (mode) => {
  const peer = async (
    room: string,
    identity: string,
    options: {
      decodes?: string[];
      grant?: object;
      join?: object;
      query?: Record<string, string>;
    } = {},
  ) => {
    const { grant, ...rest } = options;
    const token = await joinToken(room, identity, { grant: { ...grant } });
    return RawPeer.join(server, token, { mode, ...rest });
  };

  it('delivers the audio and video of one publisher, to a late joiner too', async () => {
    const room = uniqueName('room');
    const alice = await peer(room, 'alice');
    const bob = await peer(room, 'bob');
    const mic = await alice.publish('mic-cid', 'audio');
    const camera = await alice.publish('cam-cid', 'video');
    expect(mic.sid).toMatch(/^TR_AM/);
    expect(camera.sid).toMatch(/^TR_VC/);
    const seen = await bob.client.participant('alice', hasTracks(2));
    expect(seen.tracks.map(({ sid }) => sid)).toEqual([mic.sid, camera.sid]);
    expect(seen.isPublisher).toBe(true);
    expect(seen.tracks.map(({ mimeType }) => mimeType)).toEqual(['audio/opus', 'video/vp8']);

    for (const receiver of [bob, await peer(room, 'carol')]) {
      const tracks = await receiver.receives([mic.sid, camera.sid]);
      for (const track of tracks) {
        const [stream, id] = track.msid.split(' ');
        expect(stream).toBe(`${alice.sid}|${track.sid}`);
        expect(id).toBe(track.sid);
      }
      expect(tracks.find(({ sid }) => sid === camera.sid)?.codecs[0]).toBe('vp8');
      await receiver.close();
    }
    await alice.client.next('trackSubscribed', ({ trackSid }) => trackSid === camera.sid);
    await alice.close();
  });

  it('announces the publisher before the description that carries its track', async () => {
    const room = uniqueName('room');
    const bob = await peer(room, 'bob');
    const alice = await peer(room, 'alice');
    const mic = await alice.publish('mic-cid', 'audio');
    await bob.receives([mic.sid]);
    const known = bob.client.received.findIndex(
      ({ message }) =>
        message.case === 'update' &&
        message.value.participants.some(({ tracks }) => tracks.some(({ sid }) => sid === mic.sid)),
    );
    const carried = bob.client.received.findIndex(
      ({ message }) =>
        (message.case === 'offer' || message.case === 'answer') &&
        Object.values(message.value.midToTrackId).includes(mic.sid),
    );
    expect(known).toBeGreaterThanOrEqual(0);
    expect(known).toBeLessThan(carried);
    await Promise.all([alice.close(), bob.close()]);
  });

  it('tells its candidates in the description, and then that there are no more', async () => {
    const room = uniqueName('room');
    const [alice, bob] = [await peer(room, 'alice'), await peer(room, 'bob')];
    const mic = await alice.publish('mic-cid', 'audio');
    await bob.receives([mic.sid]);
    await bob.client.next('trickle');
    const messages = bob.client.received.map(({ message }) => message);
    const trickles = messages.filter((message) => message.case === 'trickle');
    expect(trickles).toHaveLength(1);
    const first = messages.find(
      (message) => message.case === 'offer' || message.case === 'answer',
    ) as Extract<(typeof messages)[number], { case: 'offer' | 'answer' }>;
    expect(messages.indexOf(first)).toBeLessThan(messages.indexOf(trickles[0]!));
    const { candidateInit, final } = trickles[0]!.value;
    expect(final).toBe(true);
    const { candidate, ...init } = JSON.parse(candidateInit);
    expect(init).toEqual({ sdpMid: '0', sdpMLineIndex: 0, usernameFragment: null });
    expect(first.value.sdp).toContain(`a=${candidate}\r\na=end-of-candidates\r\n`);
    await Promise.all([alice.close(), bob.close()]);
  });

  it('takes a track away when its publisher stops it, and keeps the section', async () => {
    const room = uniqueName('room');
    const [alice, bob] = [await peer(room, 'alice'), await peer(room, 'bob')];
    const mic = await alice.publish('mic-cid', 'audio');
    const camera = await alice.publish('cam-cid', 'video');
    const before = await bob.receives([mic.sid, camera.sid]);
    await alice.unpublish('cam-cid');
    await bob.client.participant('alice', ({ tracks }) =>
      tracks.every(({ sid }) => sid === mic.sid),
    );
    const after = await bob.receives([mic.sid]);
    const midOfMic = (all: typeof after) => all.find(({ sid }) => sid === mic.sid)?.mid;
    expect(midOfMic(after)).toBe(midOfMic(before));
    const screen = await alice.publish('screen-cid', 'video');
    await bob.receives([mic.sid, screen.sid]);
    await Promise.all([alice.close(), bob.close()]);
  });

  it('adds an H264 track beside opus and VP8', async () => {
    const room = uniqueName('room');
    const [alice, bob] = [await peer(room, 'alice'), await peer(room, 'bob')];
    const mic = await alice.publish('mic-cid', 'audio');
    const vp8 = await alice.publish('vp8-cid', 'video', 'vp8');
    await bob.receives([mic.sid, vp8.sid]);
    const h264 = await alice.publish('h264-cid', 'video', 'h264');
    const tracks = await bob.receives([mic.sid, vp8.sid, h264.sid]);
    expect(tracks.find(({ sid }) => sid === h264.sid)?.codecs[0]).toBe('h264');
    expect(tracks.find(({ sid }) => sid === vp8.sid)?.codecs[0]).toBe('vp8');
    const seen = await bob.client.participant('alice', hasTracks(3));
    expect(seen.tracks.map(({ mimeType }) => mimeType)).toEqual([
      'audio/opus',
      'video/vp8',
      'video/h264',
    ]);
    await Promise.all([alice.close(), bob.close()]);
  });

  it('delivers more tracks of a kind than a client has sections for', async () => {
    const room = uniqueName('room');
    const bob = await peer(room, 'bob');
    const publishers = await Promise.all(
      ['p1', 'p2', 'p3', 'p4', 'p5'].map((identity) => peer(room, identity)),
    );
    const tracks = [];
    for (const each of publishers) {
      tracks.push(await each.publish('mic-cid', 'audio'), await each.publish('cam-cid', 'video'));
    }
    await bob.receives(tracks.map(({ sid }) => sid));
    await Promise.all([bob, ...publishers].map((each) => each.close()));
  });

  it('delivers nothing with auto_subscribe off, until asked', async () => {
    const room = uniqueName('room');
    const alice = await peer(room, 'alice');
    const bob = await peer(room, 'bob', {
      query: mode === 'dual' ? { protocol: '17', auto_subscribe: '0' } : {},
      join: { connectionSettings: { autoSubscribe: false } },
    });
    const mic = await alice.publish('mic-cid', 'audio');
    const camera = await alice.publish('cam-cid', 'video');
    await bob.client.participant('alice', hasTracks(2));
    await bob.client.settle();
    expect(bob.incoming()).toEqual([]);
    bob.client.send({
      case: 'subscription',
      value: { trackSids: [mic.sid], subscribe: true, participantTracks: [] } as never,
    });
    await bob.receives([mic.sid]);
    const participantTracks = [{ participantSid: alice.sid, trackSids: [camera.sid] }];
    bob.client.send({
      case: 'subscription',
      value: { trackSids: [], subscribe: true, participantTracks } as never,
    });
    await bob.receives([mic.sid, camera.sid]);
    bob.client.send({
      case: 'subscription',
      value: { trackSids: [mic.sid], subscribe: false, participantTracks: [] } as never,
    });
    await bob.receives([camera.sid]);
    await Promise.all([alice.close(), bob.close()]);
  });

  it('delivers everything at once when canSubscribe is given', async () => {
    const room = uniqueName('room');
    const alice = await peer(room, 'alice');
    const bob = await peer(room, 'bob', { grant: { canSubscribe: false } });
    const mic = await alice.publish('mic-cid', 'audio');
    const camera = await alice.publish('cam-cid', 'video');
    await bob.client.participant('alice', hasTracks(2));
    await bob.client.settle();
    expect(bob.incoming()).toEqual([]);
    await rooms.updateParticipant(room, 'bob', {
      permission: { canSubscribe: true, canPublish: true, canPublishData: true },
    });
    await bob.receives([mic.sid, camera.sid]);
    await rooms.updateParticipant(room, 'bob', {
      permission: { canSubscribe: false, canPublish: true, canPublishData: true },
    });
    await bob.receives([]);
    await Promise.all([alice.close(), bob.close()]);
  });

  it('gives a device that cannot send H264 an answer without it', async () => {
    const alice = await peer(uniqueName('room'), 'alice', {
      query: { protocol: '17', sdk: 'android', os: 'android', device_model: 'Xiaomi 2201117TI' },
      join: { clientInfo: ANDROID_WITHOUT_H264 },
    });
    await alice.client.addTrack({ cid: 'cam-cid', type: 1, source: 1, width: 640, height: 360 });
    const published = await alice.publish('other-cid', 'video', 'vp8');
    expect(published.sid).toMatch(/^TR_/);
    const answer = await alice.negotiate();
    const video = sectionsOf(answer.sdp).filter(
      (lines) => lines[0]?.startsWith('m=video') && lines.some((line) => line === 'a=recvonly'),
    );
    expect(video.length).toBeGreaterThan(0);
    for (const section of video) {
      expect(codecsOf(section)).not.toContain('h264');
      expect(codecsOf(section)).toContain('vp8');
    }
    await alice.close();
  });

  it('puts the codec that the track asks for first in the answer', async () => {
    const alice = await peer(uniqueName('room'), 'alice');
    await alice.publish('h264-cid', 'video', 'h264');
    const answer = alice.answers.at(-1);
    const section = sectionsOf(answer?.sdp ?? '').at(-1) ?? [];
    expect(codecsOf(section)[0]).toBe('h264');
    expect(midOf(section)).toBeDefined();
    await alice.close();
  });

  it.each([
    ['flags', { stereo: true, disableDtx: true }],
    ['features', { audioFeatures: [AudioTrackFeature.TF_STEREO, AudioTrackFeature.TF_NO_DTX] }],
  ])('carries stereo without pauses when it is asked for by %s', async (_, request) => {
    const room = uniqueName('room');
    const alice = await peer(room, 'alice');
    const bob = await peer(room, 'bob');
    const plain = await alice.publish('mic-cid', 'audio');
    const music = await alice.publish('music-cid', 'audio', 'opus', request);
    expect(music).toMatchObject({ stereo: true, disableDtx: true });
    expect([...music.audioFeatures].sort()).toEqual([
      AudioTrackFeature.TF_STEREO,
      AudioTrackFeature.TF_NO_DTX,
    ]);
    const opus = (section: string[] = []) => section.find((line) => line.startsWith('a=fmtp:111'));
    const answered = sectionsOf(alice.answers.at(-1)?.sdp ?? '').filter((lines) =>
      lines.includes('a=recvonly'),
    );
    expect(opus(answered[0])).not.toContain('stereo=1');
    expect(opus(answered[0])).toContain('usedtx=1');
    expect(opus(answered[1])).toContain('stereo=1');
    expect(opus(answered[1])).not.toContain('usedtx=1');
    const received = await bob.receives([plain.sid, music.sid]);
    const offered = (sid: string) => opus(received.find((track) => track.sid === sid)?.lines);
    expect(offered(music.sid)).toContain('sprop-stereo=1');
    expect(offered(plain.sid)).not.toContain('sprop-stereo=1');
    await Promise.all([alice.close(), bob.close()]);
  });

  it('tells who cannot decode a track, and goes on with those it can', async () => {
    const room = uniqueName('room');
    const alice = await peer(room, 'alice');
    const bob = await peer(room, 'bob', { decodes: ['opus', 'vp8'] });
    const carol = await peer(room, 'carol');
    const h264 = await alice.publish('h264-cid', 'video', 'h264');
    const refused = await bob.client.next('subscriptionResponse');
    expect(refused).toMatchObject({ trackSid: h264.sid, err: 1 });
    const vp8 = await alice.publish('vp8-cid', 'video', 'vp8');
    await bob.receives([vp8.sid]);
    await carol.receives([h264.sid, vp8.sid]);
    expect(alice.client.kinds()).not.toContain('trackUnpublished');
    await Promise.all([alice.close(), bob.close(), carol.close()]);
  });

  it('passes on muting, and tells the publisher as well', async () => {
    const room = uniqueName('room');
    const [alice, bob] = [await peer(room, 'alice'), await peer(room, 'bob')];
    const mic = await alice.publish('mic-cid', 'audio');
    await bob.receives([mic.sid]);
    const muted = (state: boolean) => (info: ParticipantInfo) =>
      info.tracks.some((track) => track.sid === mic.sid && track.muted === state);
    for (const state of [true, false]) {
      alice.client.send({ case: 'mute', value: { sid: mic.sid, muted: state } as never });
      await bob.client.participant('alice', muted(state));
      await alice.client.participant('alice', muted(state));
    }
    await Promise.all([alice.close(), bob.close()]);
  });

  it('lets a publisher choose who receives', async () => {
    const room = uniqueName('room');
    const [alice, bob] = [await peer(room, 'alice'), await peer(room, 'bob')];
    const mic = await alice.publish('mic-cid', 'audio');
    const camera = await alice.publish('cam-cid', 'video');
    await bob.receives([mic.sid, camera.sid]);
    const permit = (value: Partial<SubscriptionPermission>) =>
      alice.client.send({ case: 'subscriptionPermission', value: value as never });
    permit({
      allParticipants: false,
      trackPermissions: [
        { participantSid: '', participantIdentity: 'bob', allTracks: false, trackSids: [mic.sid] },
        { participantSid: '', participantIdentity: 'carol', allTracks: true, trackSids: [] },
      ] as never,
    });
    const update = await bob.client.next('subscriptionPermissionUpdate');
    expect(update).toMatchObject({
      participantSid: alice.sid,
      trackSid: camera.sid,
      allowed: false,
    });
    await bob.receives([mic.sid]);
    const carol = await peer(room, 'carol');
    await carol.receives([mic.sid, camera.sid]);
    permit({ allParticipants: true, trackPermissions: [] });
    await bob.client.next(
      'subscriptionPermissionUpdate',
      ({ allowed, trackSid }) => allowed && trackSid === camera.sid,
    );
    await bob.receives([mic.sid, camera.sid]);
    await Promise.all([alice.close(), bob.close(), carol.close()]);
  });

  it('takes the tracks of a publisher that may no longer publish', async () => {
    const room = uniqueName('room');
    const [alice, bob] = [await peer(room, 'alice'), await peer(room, 'bob')];
    const mic = await alice.publish('mic-cid', 'audio');
    await bob.receives([mic.sid]);
    await alice.client.settle();
    const after = alice.client.received.length;
    await rooms.updateParticipant(room, 'alice', {
      metadata: 'muzzled',
      permission: { canPublish: false, canSubscribe: true },
    });
    const unpublished = await alice.client.next('trackUnpublished');
    expect(unpublished.trackSid).toBe(mic.sid);
    await bob.client.participant('alice', hasTracks(0));
    await bob.receives([]);
    const token = await alice.client.next(
      'refreshToken',
      (text) => claimsOf(text).metadata === 'muzzled',
    );
    expect(claimsOf(token).video).toMatchObject({
      canPublish: false,
      canPublishData: false,
      canSubscribe: true,
    });
    expect(alice.client.received.length).toBeGreaterThan(after);
    expect((await rooms.getParticipant(room, 'alice')).metadata).toBe('muzzled');
    await Promise.all([alice.close(), bob.close()]);
  });

  it('says that there are no data tracks', async () => {
    const alice = await peer(uniqueName('room'), 'alice');
    alice.client.send({
      case: 'publishDataTrackRequest',
      value: { pubHandle: 1, name: 'x' } as never,
    });
    const refused = await alice.client.next('requestResponse');
    expect(refused.request.case).toBe('publishDataTrack');
    expect(refused.reason).not.toBe(0);
    await alice.close();
  });
});

describe('two connections of one identity', () => {
  it('both publish, and each names itself in its streams', async () => {
    const room = uniqueName('room');
    const bob = await RawPeer.join(server, await joinToken(room, 'bob'));
    const token = await joinToken(room, 'alice');
    const first = await RawPeer.join(server, token);
    const second = await RawPeer.join(server, token, { query: { protocol: '17', publish: 'x' } });
    const mic = await first.publish('mic-cid', 'audio');
    const camera = await first.publish('cam-cid', 'video');
    const screen = await second.publish('screen-cid', 'video');
    const tracks = await bob.receives([mic.sid, camera.sid, screen.sid]);
    const publisherOf = (sid: string) =>
      tracks.find((track) => track.sid === sid)?.msid.split('|')[0];
    expect(publisherOf(mic.sid)).toBe(first.sid);
    expect(publisherOf(camera.sid)).toBe(first.sid);
    expect(publisherOf(screen.sid)).toBe(second.sid);
    await Promise.all([bob.close(), first.close(), second.close()]);
  });
});
