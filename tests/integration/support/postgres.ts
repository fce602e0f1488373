import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { runOk } from './program.js';
import { tempFolder } from './temp.js';

const PROGRAMS = '/usr/lib/postgresql/15/bin';
/** PostgreSQL refuses to run as root. */
const NOBODY = 65534;

/** A real PostgreSQL on a socket of its own. Its data is scrap: nothing is synced to the disk. */
export class PostgresServer {
  private readonly folder: string;
  private readonly child: ChildProcess;
  private databases = 0;

  private constructor(folder: string, child: ChildProcess) {
    this.folder = folder;
    this.child = child;
  }

  static async start(): Promise<PostgresServer> {
    const folder = tempFolder();
    const asRoot = process.getuid?.() === 0;
    if (asRoot) chownSync(folder, NOBODY, NOBODY);
    const user = asRoot ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
    const data = join(folder, 'data');
    await runOk('setpriv', [
      ...user,
      `${PROGRAMS}/initdb`,
      ...['-D', data, '-U', 'visavis', '-A', 'trust', '--no-sync'],
      ...['--encoding=UTF8', '--locale=C.UTF-8'],
    ]);
    // The kernel ends it with us, however we end.
    const child = spawn(
      'setpriv',
      [
        ...user,
        ...['--pdeathsig', 'KILL', '--', `${PROGRAMS}/postgres`],
        ...['-D', data, '-F', '-k', folder, '-c', 'listen_addresses='],
      ],
      { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const said: string[] = [];
    const ready = new Promise<boolean>((resolve) => {
      if (!child.stderr) throw new Error('no stderr');
      createInterface(child.stderr).on('line', (line) => {
        said.push(line);
        if (line.includes('ready to accept connections')) resolve(true);
      });
      child.once('exit', () => resolve(false));
    });
    if (!(await ready)) throw new Error(`PostgreSQL did not start: ${said.join('\n')}`);
    return new PostgresServer(folder, child);
  }

  /** The URL of a new, empty database. */
  async createDatabase(): Promise<string> {
    this.databases += 1;
    const name = `test_${this.databases}`;
    await runOk('psql', ['-X', '-q', '-c', `create database ${name}`, this.url('postgres')]);
    return this.url(name);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGQUIT');
    await exited;
  }

  private url(database: string): string {
    return `postgresql://visavis@/${database}?host=${this.folder}`;
  }
}
