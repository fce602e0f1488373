import { EventEmitter, once } from 'node:events';
import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { type WebhookEvent, WebhookReceiver } from 'livekit-server-sdk';

import type { KeyPair } from './tokens.js';

export interface Delivery {
  headers: IncomingMessage['headers'];
  body: string;
  /** As the receiver of the SDK read it, signature and all. */
  event: WebhookEvent;
  status: number;
}

const WAIT_MS = 20_000;

/** A receiver of webhooks. It takes what the SDK's own receiver verifies, unless told otherwise. */
export class WebhookSink {
  /** Everything that came, also what was not taken. */
  readonly deliveries: Delivery[] = [];
  /** What to answer to a verified event; 200 when it is not set. */
  answer: (event: WebhookEvent) => number = () => 200;

  private readonly receiver: WebhookReceiver;
  private readonly arrived = new EventEmitter().setMaxListeners(0);
  private readonly http: HttpServer;

  private constructor(pair: KeyPair) {
    this.receiver = new WebhookReceiver(pair.key, pair.secret);
    this.http = createServer((request, response) => {
      void this.take(request).then((status) => {
        if (status !== undefined) response.writeHead(status).end();
      });
    });
  }

  static async open(pair: KeyPair): Promise<WebhookSink> {
    const sink = new WebhookSink(pair);
    sink.http.listen(0, '127.0.0.1');
    await once(sink.http, 'listening');
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}/hook`;
  }

  /** The events that were taken, of this room, in order. */
  events(room: string): WebhookEvent[] {
    return this.deliveries
      .filter(({ event, status }) => status === 200 && event.room?.name === room)
      .map(({ event }) => event);
  }
  names(room: string): string[] {
    return this.events(room).map(({ event }) => event);
  }

  /** Waits until this many deliveries fit; answers them. */
  async until(
    fits: (delivery: Delivery) => boolean,
    count = 1,
    waitMs = WAIT_MS,
  ): Promise<Delivery[]> {
    const signal = AbortSignal.timeout(waitMs);
    for (;;) {
      const found = this.deliveries.filter(fits);
      if (found.length >= count) return found;
      await once(this.arrived, 'delivery', { signal }).catch(() => {
        const all = this.deliveries.map(({ event, status }) => `${event.event}: ${status}`);
        throw new Error(`${found.length} of ${count} deliveries; all: ${all.join(', ')}`);
      });
    }
  }

  /** Waits until an event of this name and room was taken. */
  async taken(name: string, room: string): Promise<WebhookEvent> {
    const [delivery] = await this.until(
      ({ event, status }) => status === 200 && event.event === name && event.room?.name === room,
    );
    return (delivery as Delivery).event;
  }

  async close(): Promise<void> {
    this.http.closeAllConnections();
    this.http.close();
    await once(this.http, 'close');
  }

  private async take(request: IncomingMessage): Promise<number | undefined> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return undefined; // The server was killed while it sent.
    }
    const body = Buffer.concat(chunks).toString('utf8');
    const { headers } = request;
    const event = await this.receiver.receive(body, headers.authorization);
    const status = this.answer(event);
    this.deliveries.push({ headers, body, event, status });
    this.arrived.emit('delivery');
    return status;
  }
}
