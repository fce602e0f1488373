import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { childEnvironment, type Outcome, serverProgram, visavis } from './program.js';
import { tempFolder } from './temp.js';

export interface LogEvent {
  time: string;
  level: 'debug' | 'info' | 'warning' | 'error';
  event: string;
  [field: string]: unknown;
}

export interface ServerOptions {
  /** With the demo project and its keys, unless told otherwise. */
  dev?: boolean;
  /** Text of a TOML file. */
  config?: string;
  /** They replace the ports that are free, too. */
  args?: string[];
  env?: Record<string, string>;
  /** Of another server, instead of an own one. */
  dataFolder?: string;
}

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 20_000;

/**
 * One real server in a process of its own, on free ports, with a data folder of its own that
 * outlives restarts. What the test forgets to stop ends with the test's process.
 */
export class Server {
  readonly dataFolder: string;
  readonly log: LogEvent[] = [];
  stdout = '';
  /** From the spawning of the process to its `server.ready`. */
  readyAfterMs = 0;
  /** Of the last run. */
  exitCode: number | null = null;

  private readonly options: ServerOptions;
  private readonly logged = new EventEmitter().setMaxListeners(0);
  private child: ChildProcess | undefined;
  private ready: LogEvent | undefined;
  private readonly configFlag: string[] = [];

  private constructor(options: ServerOptions) {
    this.options = options;
    const folder = tempFolder();
    this.dataFolder = options.dataFolder ?? join(folder, 'data');
    if (options.config === undefined) return;
    // Once: a command beside the server must never find it half written.
    const file = join(folder, 'visavis.toml');
    writeFileSync(file, options.config);
    this.configFlag.push('--config', file);
  }

  static async start(options: ServerOptions = {}): Promise<Server> {
    const server = new Server(options);
    await server.launch();
    return server;
  }

  /** Runs one that shall not start, to its end. */
  static async attempt(options: ServerOptions): Promise<Server> {
    const server = new Server(options);
    if (await server.becomesReady()) {
      await server.kill();
      throw new Error('the server did start');
    }
    return server;
  }

  /** `http://127.0.0.1:PORT`, as the server announced it. */
  get url(): string {
    return String(this.ready?.http).split(',')[0] ?? '';
  }
  get wsUrl(): string {
    return this.url.replace(/^http/, 'ws');
  }
  get pid(): number {
    const pid = this.child?.pid;
    if (pid === undefined) throw new Error('the server does not run');
    return pid;
  }
  get configArguments(): string[] {
    return ['--data-dir', this.dataFolder, ...(this.dev ? ['--dev'] : []), ...this.configFlag];
  }

  /** One command beside the running server, on the same data. */
  command(...args: string[]): Promise<Outcome> {
    return this.commandUntil(undefined, ...args);
  }
  /** The same, killed when `signal` says so. */
  commandUntil(signal: AbortSignal | undefined, ...args: string[]): Promise<Outcome> {
    return visavis([...args, ...this.configArguments], { env: this.options.env, signal });
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, { ...init, signal: AbortSignal.timeout(10_000) });
  }

  /** The first logged event of this name and these fields, past or to come. */
  async event(name: string, fields: Record<string, unknown> = {}): Promise<LogEvent> {
    const wanted = (event: LogEvent) =>
      event.event === name && Object.entries(fields).every(([key, value]) => event[key] === value);
    for (;;) {
      const found = this.log.find(wanted);
      if (found) return found;
      await once(this.logged, 'event', { signal: AbortSignal.timeout(START_LIMIT_MS) });
    }
  }

  /** Asks the server to end, and answers its exit code. */
  async stop(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<number | null> {
    return this.end(signal);
  }
  /** Ends the server without a chance to say or save anything. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }
  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  /** Starts the server again on the data that it left, on new ports unless the options fix them. */
  async restart(): Promise<void> {
    await this.kill();
    await this.launch();
  }
  async launch(): Promise<void> {
    if (!(await this.becomesReady())) {
      throw new Error(`the server did not start: ${JSON.stringify(this.log)}`);
    }
  }

  private async becomesReady(): Promise<boolean> {
    this.log.length = 0;
    this.stdout = '';
    const started = performance.now();
    // The kernel ends it with us, however we end.
    const child = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', '--', serverProgram(), 'serve', ...this.serveArguments()],
      {
        env: childEnvironment({ VISAVIS_LOG_FORMAT: 'json', ...this.options.env }),
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.child = child;
    child.stdout?.on('data', (text: Buffer) => {
      this.stdout += text.toString('utf8');
    });
    if (child.stderr) createInterface(child.stderr).on('line', (line) => this.take(line));
    try {
      this.ready = await Promise.race([
        this.event('server.ready'),
        once(child, 'close').then(() => undefined),
      ]);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    this.readyAfterMs = performance.now() - started;
    this.exitCode = child.exitCode;
    return this.ready !== undefined;
  }

  private get dev(): boolean {
    return this.options.dev ?? true;
  }
  private serveArguments(): string[] {
    const own = this.options.args ?? [];
    const http = own.includes('--http') ? [] : ['--http', '127.0.0.1:0'];
    const media = own.includes('--media-port') ? [] : ['--media-port', '0'];
    return [...this.configArguments, ...http, ...media, ...own];
  }

  private take(line: string): void {
    let event: LogEvent;
    try {
      event = JSON.parse(line) as LogEvent;
    } catch {
      event = { time: '', level: 'error', event: 'not.json', line };
    }
    this.log.push(event);
    this.logged.emit('event');
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.child;
    if (!child) return null;
    this.child = undefined;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, 'close', { signal: AbortSignal.timeout(STOP_LIMIT_MS) });
    child.kill(signal);
    try {
      await exited;
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(`the server did not end after ${signal}`, { cause: error });
    }
    this.exitCode = child.exitCode;
    return child.exitCode;
  }
}
