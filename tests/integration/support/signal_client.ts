import { EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';

import {
  type AddTrackRequest,
  JoinRequest,
  type JoinResponse,
  type ParticipantInfo,
  SignalRequest,
  SignalResponse,
  type TrackInfo,
  WrappedJoinRequest,
  WrappedJoinRequest_Compression,
} from '@livekit/protocol';
import { WebSocket } from 'ws';

import type { Server } from './server.js';

/** The two doors of the protocol: `/rtc` with two peer connections, `/rtc/v1` with one. */
export type Mode = 'dual' | 'single';
export const MODES: Mode[] = ['dual', 'single'];

export type Plain<T> = { [K in keyof T]?: unknown };
type Init<T extends { new (...args: never[]): unknown }> = ConstructorParameters<T>[0];
type Sent = NonNullable<Init<typeof SignalRequest>>['message'];
type Received = SignalResponse['message'];
export type Case = NonNullable<Received['case']>;
export type Value<C extends Case> = Extract<Received, { case: C }>['value'];

const WAIT_MS = 10_000;
const PROTOCOL = 17;

export interface ConnectOptions {
  mode?: Mode;
  /** Query parameters of `/rtc`; they replace the usual ones. */
  query?: Record<string, string>;
  /** What stands in the join_request of `/rtc/v1`, beside the usual. */
  join?: Init<typeof JoinRequest>;
  gzip?: boolean;
  headers?: Record<string, string>;
  tokenIn?: 'header' | 'query';
  deflate?: boolean;
  /** Whom to trust, where the server has a certificate. */
  ca?: Buffer;
  /** In front of `/rtc`. */
  prefix?: string;
}

/** The server answered the upgrade with an HTTP response. */
export class UpgradeRefused extends Error {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
  constructor(response: IncomingMessage, body: string) {
    super(`${response.statusCode} ${body}`);
    this.status = response.statusCode ?? 0;
    this.body = body;
    this.headers = response.headers;
  }
}

/** `join_request`: base64url of a wrapped, perhaps compressed, JoinRequest. */
export function joinRequest(join: Init<typeof JoinRequest> = {}, gzip = false): string {
  const request = new JoinRequest({
    clientInfo: { sdk: 1, version: '2.23.0', protocol: PROTOCOL, clientProtocol: 2 },
    connectionSettings: { autoSubscribe: true },
    ...join,
  });
  const bytes = request.toBinary();
  const wrapped = new WrappedJoinRequest({
    compression: WrappedJoinRequest_Compression[gzip ? 'GZIP' : 'NONE'],
    joinRequest: gzip ? gzipSync(bytes) : bytes,
  });
  return Buffer.from(wrapped.toBinary()).toString('base64url');
}

/** Path and query of the signalling socket as an SDK builds them; also of its `/validate`. */
export function signalPath(options: ConnectOptions = {}, token = ''): string {
  const single = options.mode === 'single';
  const query = new URLSearchParams(
    single
      ? { join_request: joinRequest(options.join, options.gzip), ...options.query }
      : {
          auto_subscribe: '1',
          sdk: 'js',
          version: '2.23.0',
          protocol: String(PROTOCOL),
          client_protocol: '2',
          ...options.query,
        },
  );
  if (options.tokenIn === 'query') query.set('access_token', token);
  return `${options.prefix ?? ''}${single ? '/rtc/v1' : '/rtc'}?${query}`;
}

/**
 * Speaks the signalling protocol and nothing else: no ICE, no media. What arrives is kept until the
 * test takes it, in order for each kind of message.
 */
export class SignalClient {
  readonly mode: Mode;
  /** Everything received, in order. */
  readonly received: SignalResponse[] = [];
  /** Resolves when the server, or anything, has closed the socket. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly socket: WebSocket;

  private readonly taken = new Set<SignalResponse>();
  private readonly arrived = new EventEmitter().setMaxListeners(0);

  private constructor(socket: WebSocket, mode: Mode) {
    this.socket = socket;
    this.mode = mode;
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.arrived.emit('message');
      });
    });
    socket.on('message', (data: Buffer, binary) => {
      const message = binary
        ? SignalResponse.fromBinary(data)
        : SignalResponse.fromJsonString(data.toString(), { ignoreUnknownFields: true });
      this.received.push(message);
      this.arrived.emit('message');
    });
  }

  static async connect(
    server: Server,
    token: string,
    options: ConnectOptions = {},
  ): Promise<SignalClient> {
    const inHeader = (options.tokenIn ?? 'header') === 'header';
    const authorization = inHeader ? { Authorization: `Bearer ${token}` } : {};
    const socket = new WebSocket(server.wsUrl + signalPath(options, token), {
      headers: { ...authorization, ...options.headers },
      perMessageDeflate: options.deflate ?? false,
      ca: options.ca,
      handshakeTimeout: WAIT_MS,
    });
    const client = new SignalClient(socket, options.mode ?? 'dual');
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
      socket.once('unexpected-response', (_, response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          socket.terminate();
          reject(new UpgradeRefused(response, Buffer.concat(chunks).toString()));
        });
      });
    });
    socket.on('error', () => undefined);
    return client;
  }

  /** Connects and takes the JoinResponse, which must be the first message. */
  static async join(
    server: Server,
    token: string,
    options: ConnectOptions = {},
  ): Promise<SignalClient & { join: JoinResponse }> {
    const client = await SignalClient.connect(server, token, options);
    const join = await client.next('join');
    if (client.received[0]?.message.case !== 'join') throw new Error('join was not the first');
    return Object.assign(client, { join });
  }

  /** Calls `act` for what has arrived and what will. */
  on<C extends Case>(kind: C, act: (value: Value<C>) => void): void {
    let seen = 0;
    const look = () => {
      for (; seen < this.received.length; seen += 1) {
        const message = this.received[seen]?.message;
        if (message?.case === kind) act(message.value as Value<C>);
      }
    };
    this.arrived.on('message', look);
    look();
  }

  send(message: Sent): void {
    this.socket.send(new SignalRequest({ message }).toBinary());
  }

  /** The first message of this kind that no one has taken yet and that fits. */
  async next<C extends Case>(
    kind: C,
    fits: (value: Value<C>) => boolean = () => true,
    waitMs = WAIT_MS,
  ): Promise<Value<C>> {
    const timeout = AbortSignal.timeout(waitMs);
    for (;;) {
      for (const message of this.received) {
        if (message.message.case !== kind || this.taken.has(message)) continue;
        const value = message.message.value as Value<C>;
        if (!fits(value)) continue;
        this.taken.add(message);
        return value;
      }
      if (this.socket.readyState === WebSocket.CLOSED) {
        throw new Error(`closed before "${kind}"; received: ${this.kinds().join(' ')}`);
      }
      await once(this.arrived, 'message', { signal: timeout }).catch(() => {
        throw new Error(`no "${kind}" in time; received: ${this.kinds().join(' ')}`);
      });
    }
  }

  /** The next update that shows this participant so. */
  async participant(
    identity: string,
    fits: (info: ParticipantInfo) => boolean = () => true,
  ): Promise<ParticipantInfo> {
    const match = (info: ParticipantInfo) => info.identity === identity && fits(info);
    const update = await this.next('update', (value) => value.participants.some(match));
    return update.participants.find(match) as ParticipantInfo;
  }

  /** Announces a track and answers what the server made of it. */
  async addTrack(request: Init<typeof AddTrackRequest>): Promise<TrackInfo> {
    this.send({ case: 'addTrack', value: request as AddTrackRequest });
    const published = await this.next('trackPublished', ({ cid }) => cid === request?.cid);
    return published.track as TrackInfo;
  }

  /**
   * Waits until the server has dealt with everything sent before: it answers in order. What the
   * server tells because of it has then been sent as well, where it is told at once.
   */
  async settle(): Promise<void> {
    const timestamp = BigInt(Math.floor(Math.random() * 2 ** 40));
    this.send({ case: 'pingReq', value: { timestamp, rtt: 0n } as never });
    await this.next('pongResp', (pong) => pong.lastPingTimestamp === timestamp);
  }

  kinds(): string[] {
    return this.received.map(({ message }) => message.case ?? 'unknown');
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.close(1000);
    await this.closed;
  }
  /** As when the network fails. */
  drop(): void {
    this.socket.terminate();
  }
}
