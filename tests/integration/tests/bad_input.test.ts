import { once } from 'node:events';
import { createConnection } from 'node:net';
import { gzipSync } from 'node:zlib';

import {
  WrappedJoinRequest_Compression as Compression,
  JoinRequest,
  SignalRequest,
  WrappedJoinRequest,
} from '@livekit/protocol';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { RawPeer } from '../support/raw_peer.js';
import { refusal } from '../support/refusal.js';
import {
  closeLibrary,
  connect,
  hears,
  leaveAll,
  type Room,
  RoomEvent,
  receivedTrack,
  Tone,
} from '../support/rtc.js';
import { Server } from '../support/server.js';
import { MODES, SignalClient, signalPath } from '../support/signal_client.js';
import { DEMO_KEY, joinToken, uniqueName } from '../support/tokens.js';

const MIB = 1024 * 1024;

let server: Server;
let rooms: RoomServiceClient;

/** A call that lasts as long as this file, and shall not notice. */
const tone = new Tone(48_000, [440]);
let listener: Room;
const noticed: string[] = [];

beforeAll(async () => {
  server = await Server.start();
  rooms = new RoomServiceClient(server.url, DEMO_KEY.key, DEMO_KEY.secret);
  const room = uniqueName('call');
  const speaker = await connect(server, room, 'speaker');
  listener = await connect(server, room, 'listener');
  await tone.publish(speaker);
  await receivedTrack(listener, 'speaker');
  for (const client of [speaker, listener]) {
    client.on(RoomEvent.Reconnecting, () => noticed.push('reconnecting'));
    client.on(RoomEvent.Disconnected, () => noticed.push('disconnected'));
  }
});
afterAll(async () => {
  await hears(listener, 'speaker', [440]);
  expect(noticed).toEqual([]);
  await tone.stop();
  await leaveAll();
  await closeLibrary();
  expect(await server.stop()).toBe(0);
});

describe('a join_request', () => {
  const wrapped = (compression: number, bytes: Uint8Array) =>
    Buffer.from(new WrappedJoinRequest({ compression, joinRequest: bytes }).toBinary()).toString(
      'base64url',
    );
  const bomb = gzipSync(Buffer.alloc(3 * MIB, 0x41), { level: 9 });
  const tracks = Array.from({ length: 200 }, (_, i) => ({ cid: `t${i}`, type: 0 }));

  it.each([
    ['is no base64', '!!!!'],
    ['is no protobuf', Buffer.from([0x0a, 0xff, 0xff, 0xff]).toString('base64url')],
    ['holds no protobuf', wrapped(Compression.NONE, Uint8Array.of(0x0a, 0xff, 0xff))],
    ['is said to be compressed and is not', wrapped(Compression.GZIP, Uint8Array.of(1, 2, 3))],
    ['is compressed in an unknown way', wrapped(7, new JoinRequest().toBinary())],
    [
      'is cut off',
      wrapped(Compression.GZIP, gzipSync(new JoinRequest().toBinary()).subarray(0, 9)),
    ],
    ['inflates beyond its limit', wrapped(Compression.GZIP, bomb)],
    [
      'announces too many tracks',
      wrapped(
        Compression.GZIP,
        gzipSync(new JoinRequest({ addTrackRequests: tracks as never }).toBinary()),
      ),
    ],
    ['is empty', ''],
  ])('is refused with 400 when it %s', async (_, joinRequest) => {
    const token = await joinToken(uniqueName('room'), 'alice');
    const path = `/rtc/v1?join_request=${encodeURIComponent(joinRequest)}`;
    const headers = { Authorization: `Bearer ${token}` };
    const validated = await server.fetch(path.replace('?', '/validate?'), { headers });
    expect(validated.status).toBe(400);
    expect(await validated.text()).toContain('join_request');
    const error = await refusal(
      SignalClient.connect(server, token, { mode: 'single', query: { join_request: joinRequest } }),
    );
    expect(error.status).toBe(400);
  });

  it('is needed by /rtc/v1', async () => {
    const token = await joinToken(uniqueName('room'), 'alice');
    const response = await server.fetch('/rtc/v1/validate', {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('join_request');
  });

  it('may be padded or compressed, and selects the single mode on /rtc too', async () => {
    const token = await joinToken(uniqueName('room'), 'alice');
    const zipped = await SignalClient.join(server, token, { mode: 'single', gzip: true });
    expect(zipped.join.participant?.clientProtocol).toBe(2);
    await zipped.close();
    const bytes = new WrappedJoinRequest({
      joinRequest: new JoinRequest({ clientInfo: { protocol: 17 } }).toBinary(),
    }).toBinary();
    const padded = Buffer.from(bytes).toString('base64');
    const onRtc = await SignalClient.join(server, token, { query: { join_request: padded } });
    expect(onRtc.join.subscriberPrimary).toBe(false);
    await onRtc.close();
  });
});

describe.each(MODES)('what a client sends in %s mode', (mode) => {
  let room: string;
  let alice: RawPeer;
  let bystander: RawPeer;
  beforeEach(async () => {
    room = uniqueName('room');
    bystander = await RawPeer.join(server, await joinToken(room, 'bystander'), { mode });
    alice = await RawPeer.join(server, await joinToken(room, 'alice'), { mode });
    await bystander.publish('mic-cid', 'audio');
    await alice.publish('mic-cid', 'audio');
    await bystander.client.participant('alice', ({ tracks }) => tracks.length === 1);
  });
  afterEach(async () => {
    // Whatever became of alice: the other session hears the server, and its track is there.
    await bystander.client.settle();
    const info = await rooms.getParticipant(room, 'bystander');
    expect(info.tracks).toHaveLength(1);
    expect(bystander.client.kinds()).not.toContain('leave');
    await Promise.all([alice.close(), bystander.close()]);
  });

  const frame = (message: object) =>
    Buffer.from(new SignalRequest({ message } as never).toBinary());
  const offer = (sdp: string) => frame({ case: 'offer', value: { type: 'offer', sdp, id: 99 } });

  const subscription = (count: number) => {
    const trackSids = Array.from({ length: count }, (_, i) => `TR_${i}`);
    return frame({ case: 'subscription', value: { trackSids, subscribe: true } });
  };

  it.each<[string, string | Buffer]>([
    ['binary noise', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ['a message cut off', frame({ case: 'addTrack', value: { cid: 'abcdef' } }).subarray(0, 5)],
    ['a wrong wire type', Buffer.from([0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x0f])],
    ['text that is not UTF-8', Buffer.from([0x1a, 4, 0x0a, 2, 0xc3, 0x28])],
    ['text that is no JSON', 'hello'],
    ['JSON that is no object', '[]'],
    ['JSON of wrong types', '{"pingReq":{"timestamp":{}}}'],
    ['JSON without end', '['.repeat(5000)],
    ['a subscription to one track more than allowed', subscription(2001)],
  ])('is answered as wrong and changes nothing: %s', async (_, data) => {
    const before = await rooms.getParticipant(room, 'alice');
    alice.client.socket.send(data, { binary: typeof data !== 'string' });
    const refused = await alice.client.next('requestResponse');
    expect(refused.reason).not.toBe(0);
    expect(refused.message).not.toBe('');
    await alice.client.settle();
    expect(await rooms.getParticipant(room, 'alice')).toEqual(before);
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['only unknown fields', Buffer.from([0xfa, 0x7f, 2, 1, 2])],
    ['an unknown audio feature', frame({ case: 'updateAudioTrack', value: { features: [77] } })],
    ['a candidate that is no JSON', frame({ case: 'trickle', value: { candidateInit: '{' } })],
    [
      'a candidate that is none',
      frame({ case: 'trickle', value: { candidateInit: '{"candidate":"candidate:x"}' } }),
    ],
    [
      'an answer to no offer',
      frame({ case: 'answer', value: { type: 'answer', sdp: 'v=0\r\n', id: 12_345 } }),
    ],
    [
      'settings of unknown tracks',
      frame({ case: 'trackSetting', value: { trackSids: ['TR_x', ''], width: 4_000_000_000 } }),
    ],
    ['a subscription to as many unknown tracks as allowed', subscription(2000)],
  ])('is passed over: %s', async (_, data) => {
    const before = await rooms.getParticipant(room, 'alice');
    alice.client.socket.send(data);
    await alice.client.settle();
    expect(alice.client.kinds()).not.toContain('leave');
    expect(await rooms.getParticipant(room, 'alice')).toEqual(before);
  });

  it.each<[string, object]>([
    ['a track without cid', { case: 'addTrack', value: { type: 0 } }],
    ['a track with a long cid', { case: 'addTrack', value: { cid: 'x'.repeat(5000), type: 0 } }],
    ['a track of unknown type', { case: 'addTrack', value: { cid: 'y', type: 9 } }],
    ['a data track as a media track', { case: 'addTrack', value: { cid: 'y', type: 2 } }],
    [
      'a second codec of no track',
      { case: 'addTrack', value: { cid: 'z', sid: 'TR_VCx', type: 1 } },
    ],
    [
      'the muting of a track that is not its own',
      { case: 'mute', value: { sid: 'TR_x', muted: true } },
    ],
    ['the size of no track', { case: 'updateVideoTrack', value: { trackSid: 'TR_x', width: 1 } }],
  ])('is refused with the request that it answers: %s', async (_, message) => {
    const before = await rooms.getParticipant(room, 'alice');
    alice.client.send(message as never);
    const refused = await alice.client.next('requestResponse');
    expect(refused.reason).not.toBe(0);
    expect(refused.request.case).toBe((message as { case: string }).case);
    expect(await rooms.getParticipant(room, 'alice')).toEqual(before);
  });

  it.each([
    ['nothing', ''],
    ['noise', 'hello world'],
    ['only a version', 'v=0\r\n'],
    [
      'a section of no known kind',
      'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=gopher 9 X 1\r\n',
    ],
    ['a line of 100 kB', `v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=${'x'.repeat(100_000)}\r\nt=0 0\r\n`],
    [
      'a thousand sections',
      `v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n${'m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n'.repeat(1000)}`,
    ],
  ])('ends only its own session, to begin anew, with a description of %s', async (_, sdp) => {
    alice.client.socket.send(offer(sdp));
    expect(await alice.client.next('leave')).toMatchObject({ reason: 6, action: 2 });
    await alice.client.closed;
    await bystander.client.participant('alice', ({ state }) => state === 3);
  });

  it('may be as long as the limit, and no longer', async () => {
    const padded = (bytes: number) =>
      Buffer.concat([Buffer.from([0xfa, 0x7f]), varint(bytes), Buffer.alloc(bytes)]);
    alice.client.socket.send(padded(2 * MIB - 16));
    await alice.client.settle();
    alice.client.socket.send(padded(2 * MIB + 16));
    expect((await alice.client.closed).code).toBe(1009);
  });

  it('is not compressed, so that nothing inflates', async () => {
    const token = await joinToken(room, 'zipper');
    const zipper = await SignalClient.join(server, token, { mode, deflate: true });
    expect(zipper.socket.extensions).toBe('');
    await zipper.close();
  });

  it('may not be text that is not UTF-8', async () => {
    alice.client.socket.send(Buffer.from([0x22, 0xc3, 0x28, 0x22]), { binary: false });
    expect((await alice.client.closed).code).toBe(1007);
  });
});

/** Writes to a fresh connection; answers all that the server sent until it closed. */
async function exchange(...pieces: (string | Buffer)[]): Promise<Buffer> {
  const { port, hostname } = new URL(server.url);
  const socket = createConnection({ port: Number(port), host: hostname });
  await once(socket, 'connect');
  const received: Buffer[] = [];
  socket.on('data', (data: Buffer) => received.push(data));
  socket.on('error', () => undefined);
  for (const piece of pieces) socket.write(piece);
  await once(socket, 'close', { signal: AbortSignal.timeout(20_000) });
  return Buffer.concat(received);
}

describe('a request that breaks the rules of HTTP', () => {
  const head = 'POST /twirp/livekit.RoomService/ListRooms HTTP/1.1\r\nHost: x\r\n';

  it.each([
    ['noise', '\u0001\u0002\u0003\u0004\r\n\r\n', 400],
    ['a line that is no request', 'HELLO\r\n\r\n', 400],
    ['a TLS greeting', Buffer.from('160301020001000001fc0303', 'hex'), 400],
    ['a space in a header name', `${head}X Y: 1\r\n\r\n`, 400],
    ['two lengths', `${head}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`, 400],
    [
      'a length and chunks',
      `${head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['a length that is no number', `${head}Content-Length: 3x\r\n\r\nabc`, 400],
    ['a negative length', `${head}Content-Length: -3\r\n\r\nabc`, 400],
    ['chunks of no size', `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`, 400],
    ['another version', 'GET / HTTP/3.0\r\nHost: x\r\n\r\n', 505],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['a header without end', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}`, 431],
    ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(20_000)}`, 431],
    ['a path without end', `GET /${'y'.repeat(100_000)}`, 414],
    ['a length beyond the limit', `${head}Content-Length: 10485761\r\n\r\n`, 413],
    ['a chunk beyond the limit', `${head}Transfer-Encoding: chunked\r\n\r\nA00001\r\nx`, 413],
  ])('is refused and ends its connection: %s', async (_, bytes, status) => {
    const answer = (await exchange(bytes)).toString('latin1');
    expect(answer.split('\r\n')[0]).toMatch(new RegExp(`^HTTP/1\\.[01] ${status} `));
    const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
    expect(body.trim()).not.toBe('');
  });
});

describe('a socket that breaks the rules of WebSocket', () => {
  /** Bytes behind a good handshake. */
  async function after(handshake: Buffer): Promise<Buffer> {
    const token = await joinToken(uniqueName('room'), 'mallory');
    const { host } = new URL(server.url);
    return exchange(
      `GET ${signalPath()} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\n` +
        'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
        `Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer ${token}\r\n\r\n`,
      handshake,
    );
  }
  const closeCode = (bytes: Buffer) => {
    const at = bytes.lastIndexOf(0x88);
    return bytes.readUInt16BE(at + 2);
  };

  it.each([
    ['a frame without mask', [0x82, 0x01, 0x00]],
    ['a reserved opcode', [0x83, 0x80, 0, 0, 0, 0]],
    ['a reserved bit', [0xb2, 0x80, 0, 0, 0, 0]],
    ['a continuation of nothing', [0x80, 0x80, 0, 0, 0, 0]],
    ['a ping in pieces', [0x09, 0x80, 0, 0, 0, 0]],
    ['a close with half a code', [0x88, 0x81, 0, 0, 0, 0, 3]],
  ])('is closed as a protocol error: %s', async (_, bytes) => {
    const received = await after(Buffer.from(bytes));
    expect(received.toString('latin1')).toContain('101 Switching Protocols');
    expect(closeCode(received)).toBe(1002);
  });

  it('is closed for a frame that says it is huge, before it comes', async () => {
    const header = Buffer.from([
      0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0,
    ]);
    expect(closeCode(await after(header))).toBe(1009);
  });
});

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}
