/** A second machine within this one: a network namespace at the far end of a virtual cable. */

import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const NOBODY = '02:00:00:00:00:01';

/** Made and removed as root; without that right `open` fails. */
export class FarMachine {
  /** Where this machine is, seen from there. */
  readonly here: string;
  readonly #there: string;
  readonly #namespace: string;
  readonly #folder: string;
  #macHere = '';
  #macThere = '';

  private constructor(number: number, folder: string) {
    const net = `198.18.${(number >> 6) & 0xff}`;
    const first = (number & 0x3f) << 2;
    this.here = `${net}.${first + 1}`;
    this.#there = `${net}.${first + 2}`;
    this.#namespace = `vis${number}`;
    this.#folder = folder;
  }

  static async open(): Promise<FarMachine> {
    const folder = await mkdtemp(path.join(tmpdir(), 'visavis-network-'));
    const machine = new FarMachine(process.pid, folder);
    try {
      await machine.#connect();
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
    await run('ip', ['netns', 'add', this.#namespace]);
    const pair = ['type', 'veth', 'peer', 'name', this.#farEnd, 'netns', this.#namespace];
    await run('ip', ['link', 'add', this.#nearEnd, ...pair]);
    await run('ip', ['address', 'add', `${this.here}/30`, 'dev', this.#nearEnd]);
    await this.#far('address', 'add', `${this.#there}/30`, 'dev', this.#farEnd);
    await this.#far('link', 'set', 'lo', 'up');
    await this.#far('link', 'set', this.#farEnd, 'up');
    await run('ip', ['link', 'set', this.#nearEnd, 'up']);
    this.#macHere = macOf((await run('ip', ['-j', 'link', 'show', this.#nearEnd])).stdout);
    this.#macThere = macOf(await this.#far('-j', 'link', 'show', this.#farEnd));
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

  /** Every packet is lost or none, and no system notices: both send to a card that is not there. */
  async lose(packets: 'all' | 'none'): Promise<void> {
    const here = packets === 'all' ? NOBODY : this.#macHere;
    const there = packets === 'all' ? NOBODY : this.#macThere;
    const entry = (mac: string) => ['lladdr', mac, 'nud', 'permanent', 'dev'];
    await this.#far('neighbour', 'replace', this.here, ...entry(here), this.#farEnd);
    await run('ip', ['neighbour', 'replace', this.#there, ...entry(there), this.#nearEnd]);
  }

  async close(): Promise<void> {
    // The cable goes with the namespace that holds one end of it.
    await run('ip', ['netns', 'delete', this.#namespace]).catch(() => {});
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function macOf(links: string): string {
  const [link] = JSON.parse(links) as { address?: string }[];
  if (link?.address === undefined) throw new Error(`no address in ${links}`);
  return link.address;
}
