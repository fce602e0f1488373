import { join } from 'node:path';

import { PostgresServer } from './postgres.js';
import { runOk } from './program.js';
import type { Server } from './server.js';

/** A database for one server, and a way to read it behind the server's back. */
export interface TestDatabase {
  /** What the server's configuration says of it. */
  config: string;
  query<Row>(server: Server, sql: string): Promise<Row[]>;
  close(): Promise<void>;
}

export type Engine = 'SQLite' | 'PostgreSQL';
export const ENGINES: Engine[] = ['SQLite', 'PostgreSQL'];

export function openDatabase(engine: Engine): Promise<TestDatabase> {
  return engine === 'SQLite' ? Promise.resolve(sqlite) : postgresql();
}

const sqlite: TestDatabase = {
  config: '',
  async query<Row>(server: Server, sql: string) {
    const file = join(server.dataFolder, 'visavis.db');
    const json = await runOk('sqlite3', ['-json', '-cmd', '.timeout 10000', file, sql]);
    return (json === '' ? [] : JSON.parse(json)) as Row[];
  },
  close: () => Promise.resolve(),
};

async function postgresql(): Promise<TestDatabase> {
  const server = await PostgresServer.start();
  const url = await server.createDatabase();
  return {
    config: `[database]\nurl = "${url}"\n`,
    async query<Row>(_: Server, sql: string) {
      const rows = `select coalesce(json_agg(row), '[]') from (${sql}) row`;
      return JSON.parse(await runOk('psql', ['-X', '-At', '-c', rows, url])) as Row[];
    },
    close: () => server.stop(),
  };
}
