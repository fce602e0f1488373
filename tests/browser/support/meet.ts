/** Our own pages in a test: people who open them, and what they see, hear and are told. */

import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { test as base, expect, inject } from 'vitest';
import { sharedChromium } from './call.ts';

declare global {
  interface Window {
    /** Every peer connection that the page made. */
    peers: RTCPeerConnection[];
    violations: string[];
  }
}

export interface GuestOptions extends BrowserContextOptions {
  /** Where the pages are, if not at the shared server. */
  server?: string;
  /** Another browser than that of the meeting. */
  browser?: Browser;
  /** How the browser answers when it is asked for camera and microphone. */
  devices?: 'given' | 'refused' | 'missing';
}

export interface Received {
  frames: number;
  energy: number;
}

export const DESK = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };
export const SMALL_PHONE = { width: 360, height: 640 };

/** One person at our pages, in English unless told otherwise. */
export class Guest {
  readonly page: Page;
  readonly #server: string;
  #complaints: string[] = [];

  constructor(page: Page, server: string) {
    this.page = page;
    this.#server = server;
    page.on('console', (line) => {
      if (line.type() === 'error') this.#complaints.push(`${line.text()} ${line.location().url}`);
    });
    page.on('pageerror', (error) => this.#complaints.push(error.message));
  }

  async visit(path: string): Promise<void> {
    await this.page.goto(`${this.#server}${path}`);
  }

  /** Through the door of a meeting, until its controls are there. */
  async enter(room: string, name: string): Promise<void> {
    await this.visit(`/meet/${room}`);
    await this.field('Your name').fill(name);
    await this.button('Join now').click();
    await this.controls.waitFor();
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  field(name: string): Locator {
    return this.page.getByRole('textbox', { name });
  }

  get controls(): Locator {
    return this.page.getByRole('toolbar');
  }

  tile(name: string): Locator {
    return this.page.getByRole('figure', { name });
  }

  /** Whether the picture of somebody is there and not dimmed. */
  plays(name: string): Promise<boolean> {
    return this.tile(name)
      .locator('video')
      .evaluate(
        (video: HTMLVideoElement) => video.videoWidth > 0 && video.dataset.standing === 'false',
      );
  }

  async says(text: string): Promise<void> {
    await this.field('Write a message').fill(text);
    await this.page.keyboard.press('Enter');
  }

  messages(): Promise<string[]> {
    return this.page.getByRole('list', { name: 'Messages' }).getByRole('paragraph').allInnerTexts();
  }

  /** Sums over everybody whose picture and sound arrive here. */
  received(): Promise<Received> {
    return this.page.evaluate(async () => {
      const sum = { frames: 0, energy: 0 };
      for (const peer of window.peers) {
        for (const row of (await peer.getStats()).values()) {
          if (row.type !== 'inbound-rtp') continue;
          sum.frames += row.framesDecoded ?? 0;
          sum.energy += row.totalAudioEnergy ?? 0;
        }
      }
      return sum;
    });
  }

  /** Fails unless pictures and sound go on to arrive. */
  async expectToReceive(): Promise<void> {
    const before = await this.received();
    await expect
      .poll(() => this.received())
      .toSatisfy(
        (now: Received) => now.frames > before.frames + 10 && now.energy > before.energy,
        'more frames and more sound',
      );
  }

  /** How far the page can be moved sideways, in pixels. */
  overflow(): Promise<number> {
    return this.page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth - clientWidth;
    });
  }

  /** What the page complained of since the last time, above all breaches of its own policy. */
  async takeComplaints(): Promise<string[]> {
    const violations = await this.page.evaluate(() => window.violations.splice(0));
    const complaints = [...this.#complaints, ...violations];
    this.#complaints = [];
    return complaints;
  }
}

export class Meeting {
  readonly room: string;
  readonly #browser: Browser;
  readonly #guests: Guest[] = [];

  constructor(browser: Browser, room = `test-${randomUUID().slice(0, 18)}`) {
    this.#browser = browser;
    this.room = room;
  }

  async guest(options: GuestOptions = {}): Promise<Guest> {
    const { server, browser = this.#browser, devices = 'given', ...rest } = options;
    const context = await browser.newContext({ viewport: DESK, locale: 'en-US', ...rest });
    await context.addInitScript(watchPage);
    if (devices !== 'given') await context.addInitScript(withoutDevices, devices);
    const guest = new Guest(await context.newPage(), server ?? inject('server'));
    this.#guests.push(guest);
    return guest;
  }

  /** Somebody who is in the meeting already. */
  async join(name: string, options: GuestOptions = {}): Promise<Guest> {
    const guest = await this.guest(options);
    await guest.enter(this.room, name);
    return guest;
  }

  async takeComplaints(): Promise<string[]> {
    return (await Promise.all(this.#guests.map((guest) => guest.takeComplaints()))).flat();
  }

  async end(): Promise<void> {
    await Promise.all(this.#guests.map(({ page }) => page.context().close()));
  }
}

/** Runs in the page before its own scripts. */
function watchPage(): void {
  window.peers = [];
  window.violations = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      window.peers.push(this);
    }
  };
  addEventListener('securitypolicyviolation', (event) =>
    window.violations.push(`the policy forbids ${event.blockedURI} as ${event.violatedDirective}`),
  );
}

function withoutDevices(how: 'refused' | 'missing'): void {
  const name = how === 'refused' ? 'NotAllowedError' : 'NotFoundError';
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException(how, name));
  if (how === 'missing') navigator.mediaDevices.enumerateDevices = () => Promise.resolve([]);
}

/** A test with a meeting of its own, whose pages may not complain of anything. */
export const meetingTest = base.extend<{ meeting: Meeting }>({
  // biome-ignore lint/correctness/noEmptyPattern: the first parameter names the fixtures that are needed
  meeting: async ({}, use) => {
    const meeting = new Meeting(await sharedChromium());
    await use(meeting);
    const complaints = await meeting.takeComplaints();
    await meeting.end();
    expect(complaints, 'complaints of the pages').toEqual([]);
  },
});
