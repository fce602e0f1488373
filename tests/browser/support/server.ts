/** Starts a Visavis server of its own on free ports, with its data in a folder that goes away. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = new URL('../../..', import.meta.url).pathname;
const READY_MS = 20_000;
const STOP_MS = 10_000;

export interface ServerOptions {
  /** Where pages, API and signalling are offered; port 0 takes a free one. */
  http?: string;
  env?: Record<string, string>;
  /** Goes on with the calls of that one, which then ends. */
  takesOver?: Server;
}

export interface Server {
  /** http://ADDRESS:PORT */
  readonly url: string;
  /** Where its TURN server takes UDP. */
  readonly turnPort: number;
  readonly dataDir: string;
  /** What it logged last, for messages about failed tests. */
  log(): string;
  stop(): Promise<void>;
}

export function serverProgram(): string {
  const program = process.env.VIS_SERVER ?? path.join(ROOT, 'build/dev/visavis');
  if (!existsSync(program)) {
    throw new Error(`${program} is missing: run "./dev build", or set VIS_SERVER to the program`);
  }
  return program;
}

export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const dataDir =
    options.takesOver?.dataDir ?? (await mkdtemp(path.join(tmpdir(), 'visavis-browser-')));
  const args = ['serve', '--dev', '--data-dir', dataDir, '--media-port', '0'];
  if (options.takesOver) args.push('--take-over');
  const child = spawn(serverProgram(), [...args, '--http', options.http ?? '127.0.0.1:0'], {
    env: { ...process.env, VISAVIS_LOG_FORMAT: 'json', ...options.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  try {
    const ready = await readiness(child, lines);
    const log = () => lines.slice(-200).join('\n');
    return { ...ready, dataDir, log, stop: () => stop(child, dataDir) };
  } catch (error) {
    await stop(child, dataDir);
    throw error;
  }
}

interface Ready {
  url: string;
  turnPort: number;
}

function readiness(child: ChildProcess, lines: string[]): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(failure('was not ready in time', lines)), READY_MS);
    child.once('error', reject);
    child.once('exit', (code) => reject(failure(`ended with code ${code}`, lines)));
    if (!child.stderr) return;
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      const ready = readyOf(line);
      if (ready === undefined) return;
      clearTimeout(late);
      resolve(ready);
    });
  });
}

/** Of a line in which the server says that it is ready. */
function readyOf(line: string): Ready | undefined {
  if (!line.startsWith('{')) return undefined;
  const event = JSON.parse(line) as Record<string, unknown>;
  if (event.event !== 'server.ready') return undefined;
  return { url: String(event.http), turnPort: Number(event.turn) };
}

function failure(what: string, lines: string[]): Error {
  return new Error(`the server ${what}:\n${lines.slice(-20).join('\n')}`);
}

async function stop(child: ChildProcess, dataDir: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
  }
  await rm(dataDir, { recursive: true, force: true });
}
