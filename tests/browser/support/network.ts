/** A second machine within this one: a network namespace at the far end of a virtual cable. */

import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as elapsed } from 'node:timers/promises';
import { promisify } from 'node:util';
import { serverProgram } from './server.ts';

const run = promisify(execFile);

const NOBODY = '02:00:00:00:00:01';

/** What a network does to packets, in each direction; what is not named it does not do. */
export interface Faults {
  rate_kbps?: number;
  delay_ms?: number;
  /** 0 to 1, at random. */
  loss?: number;
  /** So much waits before the link at most. */
  queue_ms?: number;
  /** By how many the UDP ports of the far machine seem to be others than they are. */
  nat_shift?: number;
  /** A firewall before the far machine: all that it lets through, by the ports of this machine. */
  passes?: (Protocol | `${Protocol}:${number}`)[];
}

type Protocol = 'udp' | 'tcp';

/** Made and removed as root; without that right `open` fails. */
export class FarMachine {
  /** Where this machine is, seen from there. */
  readonly here: string;
  #there: string;
  /** The addresses of the cable, from 1 to 6. */
  readonly #host: (index: number) => string;
  readonly #prefix: number;
  readonly #namespace: string;
  readonly #folder: string;
  #macHere = '';
  #macThere = '';
  #link: LossyLink | undefined;

  private constructor(number: number, folder: string, family: 'ipv4' | 'ipv6') {
    const ipv6 = family === 'ipv6';
    const first = ipv6 ? 0 : (number & 0x1f) << 3;
    const net = ipv6
      ? `fd18:${(number >> 16).toString(16)}:${(number & 0xffff).toString(16)}::`
      : `198.18.${(number >> 5) & 0xff}.`;
    this.#host = (index) => `${net}${first + index}`;
    this.here = this.#host(1);
    this.#there = this.#host(2);
    this.#prefix = ipv6 ? 64 : 29;
    this.#namespace = `vis${number}`;
    this.#folder = folder;
  }

  /** With `faults` the cable is a program that can have them; else it is the kernel's. */
  static async open(faults?: Faults, family: 'ipv4' | 'ipv6' = 'ipv4'): Promise<FarMachine> {
    const folder = await mkdtemp(path.join(tmpdir(), 'visavis-network-'));
    const machine = new FarMachine(process.pid, folder, family);
    try {
      await run('ip', ['netns', 'add', machine.#namespace]);
      await (faults ? machine.#connectLossy(faults) : machine.#connect());
      return machine;
    } catch (error) {
      await machine.close();
      throw new Error('a network namespace is needed, which root may make', { cause: error });
    }
  }

  get #nearEnd(): string {
    return `${this.#namespace}h`;
  }

  get #farEnd(): string {
    return `${this.#namespace}f`;
  }

  async #connect(): Promise<void> {
    const pair = ['type', 'veth', 'peer', 'name', this.#farEnd, 'netns', this.#namespace];
    await run('ip', ['link', 'add', this.#nearEnd, ...pair]);
    await this.#address();
    this.#macHere = macOf((await run('ip', ['-j', 'link', 'show', this.#nearEnd])).stdout);
    this.#macThere = macOf(await this.#far('-j', 'link', 'show', this.#farEnd));
  }

  async #connectLossy(faults: Faults): Promise<void> {
    this.#link = await LossyLink.open(this.#nearEnd, this.#namespace, this.#farEnd);
    await this.#address();
    await this.#link.set(faults);
  }

  async #address(): Promise<void> {
    await run('ip', ['address', 'add', ...this.#on(this.here, this.#nearEnd)]);
    await this.#far('address', 'add', ...this.#on(this.#there, this.#farEnd));
    await this.#far('link', 'set', 'lo', 'up');
    await this.#far('link', 'set', this.#farEnd, 'up');
    await run('ip', ['link', 'set', this.#nearEnd, 'up']);
  }

  /** In IPv6, nobody is asked first whether the address is taken. */
  #on(address: string, device: string): string[] {
    const unchecked = this.#prefix === 64 ? ['nodad'] : [];
    return [`${address}/${this.#prefix}`, 'dev', device, ...unchecked];
  }

  async #far(...command: string[]): Promise<string> {
    return (await run('ip', ['-n', this.#namespace, ...command])).stdout;
  }

  /** A program that starts the given one over there. */
  async starterOf(program: string): Promise<string> {
    const starter = path.join(this.#folder, path.basename(program));
    await writeFile(starter, `#!/bin/sh\nexec ip netns exec ${this.#namespace} ${program} "$@"\n`);
    await chmod(starter, 0o755);
    return starter;
  }

  /** The cable is pulled out or put in, and both systems notice. */
  async plug(state: 'in' | 'out'): Promise<void> {
    await run('ip', ['link', 'set', this.#nearEnd, state === 'in' ? 'up' : 'down']);
  }

  /** The address over there, which is number 2, goes; after a while another comes, up to number 6. */
  async moveTo(index: number, awayMs: number): Promise<void> {
    await this.#far('address', 'delete', ...this.#on(this.#there, this.#farEnd));
    this.#there = this.#host(index);
    await elapsed(awayMs);
    await this.#far('address', 'add', ...this.#on(this.#there, this.#farEnd));
  }

  /** Every packet is lost or none, and no system notices: both send to a card that is not there. */
  async lose(packets: 'all' | 'none'): Promise<void> {
    const here = packets === 'all' ? NOBODY : this.#macHere;
    const there = packets === 'all' ? NOBODY : this.#macThere;
    const entry = (mac: string) => ['lladdr', mac, 'nud', 'permanent', 'dev'];
    await this.#far('neighbour', 'replace', this.here, ...entry(here), this.#farEnd);
    await run('ip', ['neighbour', 'replace', this.#there, ...entry(there), this.#nearEnd]);
  }

  /** From now on; only of a machine that was opened with faults. */
  async suffer(faults: Faults): Promise<void> {
    if (!this.#link) throw new Error('this cable has no faults to change');
    await this.#link.set(faults);
  }

  async close(): Promise<void> {
    await this.#link?.close();
    // The cable goes with one of its ends. The namespace, in which a program may still be ending,
    // would keep it, and its name, for a while.
    await run('ip', ['link', 'delete', this.#nearEnd]).catch(() => {});
    await run('ip', ['netns', 'delete', this.#namespace]).catch(() => {});
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function macOf(links: string): string {
  const [link] = JSON.parse(links) as { address?: string }[];
  if (link?.address === undefined) throw new Error(`no address in ${links}`);
  return link.address;
}

/** The program of tests/support/link, which carries the packets between two devices. */
class LossyLink {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: Interface;

  private constructor(near: string, namespace: string, far: string) {
    const program = path.join(path.dirname(serverProgram()), 'lossy_link');
    this.#process = spawn(program, [near, `/var/run/netns/${namespace}`, far]);
    this.#answers = createInterface({ input: this.#process.stdout });
  }

  static async open(near: string, namespace: string, far: string): Promise<LossyLink> {
    const link = new LossyLink(near, namespace, far);
    await link.#answer();
    return link;
  }

  async set(faults: Faults): Promise<void> {
    const words = Object.entries(faults).map(([name, value]) => `${name}=${value}`);
    const answer = this.#answer();
    this.#process.stdin.write(`${words.join(' ')}\n`);
    await answer;
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.stdin.end();
    await ended;
  }

  async #answer(): Promise<void> {
    let complaint = '';
    const complain = (text: Buffer) => {
      complaint += text.toString();
    };
    this.#process.stderr.on('data', complain);
    const line = once(this.#answers, 'line').then(([text]) => text as string);
    const ended = once(this.#process, 'exit').then(() => undefined);
    if ((await Promise.race([line, ended])) === undefined) throw new Error(complaint);
    this.#process.stderr.off('data', complain);
  }
}
