/**
 * What the tests of weak and broken networks share: a server, and on a far machine, at the other
 * end of a cable, a browser of its own. One for all tests of a file.
 */

import { randomUUID } from 'node:crypto';
import { type Browser, chromium } from 'playwright-core';
import { test as base, inject } from 'vitest';
import type { JoinOptions } from '../page/driver.ts';
import { tokenFor } from './api.ts';
import { CHROMIUM } from './browsers.ts';
import { type Client, clientAt, sharedChromium } from './call.ts';
import { makeCertificate } from './certificate.ts';
import { type Guest, Meeting } from './meet.ts';
import { FarMachine, type Faults } from './network.ts';
import { type Server, type ServerOptions, startServer } from './server.ts';
import { serveTestPage } from './test-page.ts';

export interface FarOptions {
  /** Of the cable; without them it is the kernel's and cannot have any. */
  faults?: Faults;
  family?: 'ipv4' | 'ipv6';
  /** HTTPS and TURN over TLS. */
  tls?: boolean;
}

type Side = 'there' | 'here';
type Ending = () => Promise<void> | void;

const NEAR = { ipv4: '127.0.0.1', ipv6: '[::1]' };
const ANY = { ipv4: '0.0.0.0:0', ipv6: '[::]:0' };

async function endAll(endings: Ending[]): Promise<void> {
  for (let end = endings.pop(); end; end = endings.pop()) await end();
}

export class Far {
  readonly machine: FarMachine;
  /** Of the server. */
  ports = { https: 0, turn: 0 };
  #room = '';
  /** The server as it is seen from there and from here. */
  #urls = { there: '', here: '' };
  #page = '';
  #browser: Browser | undefined;
  readonly #endings: Ending[] = [];
  readonly #callEndings: Ending[] = [];

  private constructor(machine: FarMachine) {
    this.machine = machine;
    this.#endings.push(() => machine.close());
  }

  static async open(options: FarOptions): Promise<Far> {
    // The machine first: the server announces the addresses that are there when it starts.
    const far = new Far(await FarMachine.open(options.faults, options.family));
    try {
      await far.#start(options);
      return far;
    } catch (error) {
      await far.close();
      throw error;
    }
  }

  async #start({ family = 'ipv4', tls = false }: FarOptions): Promise<void> {
    const server = await this.#startServer({ http: ANY[family] }, tls);
    const page = await serveTestPage(this.machine.here);
    this.#endings.push(() => page.close());
    this.#page = page.url;
    const { protocol, port } = new URL(server.url);
    this.ports = { https: Number(port), turn: server.turnPort };
    this.#urls = {
      there: `${protocol}//${new URL(page.url).hostname}:${port}`,
      here: `${protocol}//${NEAR[family]}:${port}`,
    };
    const secure = [this.#urls.there, new URL(page.url).origin];
    const browser = await chromium.launch({
      ...CHROMIUM,
      executablePath: await this.machine.starterOf(CHROMIUM.executablePath ?? ''),
      args: [
        ...(CHROMIUM.args ?? []),
        `--unsafely-treat-insecure-origin-as-secure=${secure}`,
        ...(tls ? ['--ignore-certificate-errors'] : []),
      ],
    });
    this.#endings.push(() => browser.close());
    this.#browser = browser;
  }

  async #startServer(options: ServerOptions, tls: boolean): Promise<Server> {
    const env: Record<string, string> = {};
    if (tls) {
      const files = await makeCertificate();
      this.#endings.push(() => files.remove());
      env.VISAVIS_HTTP_CERTIFICATE = files.certificate;
      env.VISAVIS_HTTP_PRIVATE_KEY = files.key;
      env.VISAVIS_TURN_DOMAIN = this.machine.here;
    }
    const server = await startServer({ ...options, env });
    this.#endings.push(() => server.stop());
    return server;
  }

  close(): Promise<void> {
    return endAll(this.#endings);
  }

  /** A room of its own for each test, whose pages are closed when it is over. */
  async inRoom(use: () => Promise<void>): Promise<void> {
    this.#room = `test-${randomUUID()}`;
    try {
      await use();
    } finally {
      await endAll(this.#callEndings);
    }
  }

  /** Ann there and Bob here, at our own pages, who see and hear each other. */
  async meet(): Promise<[Guest, Guest]> {
    const meeting = new Meeting(await sharedChromium());
    this.#callEndings.push(() => meeting.end());
    const people = await Promise.all([
      meeting.join('Ann', { server: this.#urls.there, browser: this.#browser }),
      meeting.join('Bob', { server: this.#urls.here }),
    ]);
    await Promise.all(people.map((guest) => guest.expectToReceive()));
    return people;
  }

  /** The test page, over there or in a browser of this machine. */
  async open(side: Side): Promise<Client> {
    const browser = side === 'there' ? this.#browser : await sharedChromium();
    if (!browser) throw new Error('the far machine is closed');
    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    this.#callEndings.push(() => page.close());
    return clientAt(page, side === 'there' ? this.#page : inject('testPage'));
  }

  async ticket(side: Side, identity: string): Promise<JoinOptions> {
    return { url: this.#urls[side], token: await tokenFor(this.#room, identity), single: true };
  }

  async join(side: Side, identity: string, change: Partial<JoinOptions> = {}): Promise<Client> {
    const client = await this.open(side);
    await client.join({ ...(await this.ticket(side, identity)), ...change });
    return client;
  }
}

/** A test on a far machine, which all tests of its file share. */
export function farTest(options: FarOptions = {}) {
  return base.extend<{ shared: Far; far: Far }>({
    shared: [
      // biome-ignore lint/correctness/noEmptyPattern: the first parameter names the fixtures that are needed
      async ({}, use) => {
        const far = await Far.open(options);
        await use(far);
        await far.close();
      },
      { scope: 'file' },
    ],
    far: ({ shared }, use) => shared.inRoom(() => use(shared)),
  });
}
