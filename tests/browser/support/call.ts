/** A call of a test: a room of its own, and clients that join it from fresh browser contexts. */

import { randomUUID } from 'node:crypto';
import type { RoomServiceClient } from 'livekit-server-sdk';
import { type Browser, chromium } from 'playwright-core';
import { test as base, inject } from 'vitest';
import type { Broadcast } from '../page/broadcast.ts';
import type { Driver, JoinOptions } from '../page/driver.ts';
import { type Grants, measuredOf, roomService, tokenFor } from './api.ts';

/** What Playwright's and Puppeteer's pages have in common. */
export interface Tab {
  evaluate<A, R>(run: (argument: A) => R | Promise<R>, argument: A): Promise<R>;
}

/** The driver in the page, called from here: every method answers a promise. */
export type Client = {
  [K in keyof Driver]: (...args: Parameters<Driver[K]>) => Promise<Awaited<ReturnType<Driver[K]>>>;
};

/** The same for WHIP and WHEP clients. */
export type Caster = {
  [K in keyof Broadcast]: (
    ...args: Parameters<Broadcast[K]>
  ) => Promise<Awaited<ReturnType<Broadcast[K]>>>;
};

function remote<T extends object>(tab: Tab, global: 'driver' | 'broadcast'): T {
  const call =
    (name: string) =>
    (...args: unknown[]) =>
      tab.evaluate(
        ([object, method, given]) => {
          const target = window[object] as unknown as Record<string, (...a: unknown[]) => unknown>;
          return target[method]?.(...given);
        },
        [global, name, args] as const,
      );
  return new Proxy({} as T, {
    // Awaiting a client must not ask the page for a method called `then`.
    get: (_, name) => (name === 'then' ? undefined : call(String(name))),
  });
}

export function clientIn(tab: Tab): Client {
  return remote<Client>(tab, 'driver');
}

/** Opens the test page, which is at `url`, in a page of whichever library. */
export async function clientAt(
  page: { goto(url: string): Promise<unknown> },
  url: string,
): Promise<Client> {
  await page.goto(url);
  return clientIn(page as unknown as Tab);
}

export type JoinChange = Partial<Omit<JoinOptions, 'url' | 'token'>> & Grants;

export class Call {
  readonly room = `test-${randomUUID()}`;
  readonly #browser: Browser;
  readonly #single: boolean;
  readonly #closing: (() => Promise<void>)[] = [];
  readonly #notes: string[] = [];

  constructor(browser: Browser, single: boolean) {
    this.#browser = browser;
    this.#single = single;
  }

  get service(): RoomServiceClient {
    return roomService(inject('server'));
  }

  /** What the server measures of somebody; nothing while there is nobody of that name. */
  measured(identity: string): Promise<Record<string, unknown>> {
    return measuredOf(inject('server'), this.room, identity);
  }

  /** A client with its page open that has not joined. */
  async open(who: string): Promise<Client> {
    return clientIn(await this.#openTab(who));
  }

  /** A page for WHIP and WHEP. */
  async caster(who: string): Promise<Caster> {
    return remote<Caster>(await this.#openTab(who), 'broadcast');
  }

  /** Where `identity` publishes (`whip`) or plays (`whep`), and its token. */
  async endpoint(protocol: 'whip' | 'whep', identity: string, query = '', grants: Grants = {}) {
    const url = `${inject('server')}/${protocol}/${this.room}${query}`;
    return { url, token: await tokenFor(this.room, identity, grants) };
  }

  async #openTab(who: string): Promise<Tab> {
    const context = await this.#browser.newContext();
    this.#closing.push(() => context.close());
    const page = await context.newPage();
    page.on('console', (line) => {
      if (line.type() !== 'error' && line.type() !== 'warning') return;
      this.#notes.push(`${who}: ${line.type()}: ${line.text()}`);
    });
    page.on('pageerror', (error) => this.#notes.push(`${who}: ${error.message}`));
    await page.goto(inject('testPage'));
    return page as unknown as Tab;
  }

  async ticket(identity: string, change: JoinChange = {}): Promise<JoinOptions> {
    const { single, autoSubscribe, room, way, lacks, passphrase, ...grants } = change;
    return {
      url: inject('server'),
      token: await tokenFor(this.room, identity, grants),
      single: single ?? this.#single,
      ...(autoSubscribe === undefined ? {} : { autoSubscribe }),
      ...(room === undefined ? {} : { room }),
      ...(way === undefined ? {} : { way }),
      ...(lacks === undefined ? {} : { lacks }),
      ...(passphrase === undefined ? {} : { passphrase }),
    };
  }

  async join(identity: string, change: JoinChange = {}): Promise<Client> {
    const client = await this.open(identity);
    await client.join(await this.ticket(identity, change));
    return client;
  }

  /** Ann and Bob. */
  pair(change: JoinChange = {}): Promise<[Client, Client]> {
    return Promise.all([this.join('ann', change), this.join('bob', change)]);
  }

  /** What the pages complained about. */
  notes(): string {
    return this.#notes.join('\n');
  }

  async end(): Promise<void> {
    await Promise.all(this.#closing.map((close) => close()));
  }
}

let connected: Promise<Browser> | undefined;

export function sharedChromium(): Promise<Browser> {
  connected ??= chromium.connect(inject('chromium'));
  return connected;
}

/** A test with a call in the given mode; it fails with the complaints of its pages at hand. */
export function callTest(mode: 'single' | 'dual') {
  return base.extend<{ call: Call }>({
    call: async ({ onTestFailed }, use) => {
      const call = new Call(await sharedChromium(), mode === 'single');
      onTestFailed(() => {
        process.stderr.write(`pages of the failed test:\n${call.notes()}\n`);
      });
      await use(call);
      await call.end();
    },
  });
}

export const MODES = ['single', 'dual'] as const;
