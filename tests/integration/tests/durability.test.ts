import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ENGINES, openDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/rtc.js';
import { Server } from '../support/server.js';
import { DEMO_KEY, type KeyPair, uniqueName } from '../support/tokens.js';

interface EventRow {
  position: number;
  project: string;
  type: string;
  resource: string;
  sequence: number;
}

/** What the server or a command has said is done, in the order of each list. */
class Acknowledged {
  readonly projects: { id: string; pair: KeyPair }[] = [];
  readonly added: KeyPair[] = [];
  readonly revoked: KeyPair[] = [];
  /** Keys whose revocation was begun: without an answer, they may be active or not. */
  readonly doubtful = new Set<string>();
  readonly started: string[] = [];
  readonly finished: string[] = [];
  /** Of each room, how many changes of its metadata. */
  readonly updated = new Map<string, number>();
}

/** Every write waits for the disk, which others use as well. */
const LOAD_LIMIT_MS = 60_000;

describe.each(ENGINES)('after kill -9 under load, with %s,', (engine) => {
  let database: TestDatabase;
  let server: Server;
  const done = new Acknowledged();
  beforeAll(async () => {
    database = await openDatabase(engine);
    server = await Server.start({ config: database.config });
    for (let round = 0; round < 3; round += 1) {
      await loadUntilKilled(server, done);
      await server.restart();
    }
  }, 4 * LOAD_LIMIT_MS);
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
    await database.close();
  });
  const read = () =>
    database.query<EventRow>(
      server,
      'select position, project, type, resource, sequence from events order by position',
    );

  it('every project is there, with its key', async () => {
    const { stdout } = await server.command('project', 'list');
    const listed = stdout.split('\n').map((line) => line.split(' ')[0]);
    expect(listed).toEqual(expect.arrayContaining(done.projects.map(({ id }) => id)));
    for (const { pair } of done.projects) await canList(server, pair);
  });

  it('every added key signs, and no revoked one does', async () => {
    for (const pair of done.added) {
      if (!done.doubtful.has(pair.key)) await canList(server, pair);
    }
    for (const { key, secret } of done.revoked) {
      const client = new RoomServiceClient(server.url, key, secret);
      await expect(client.listRooms()).rejects.toMatchObject({ status: 401 });
    }
  });

  it('every event is there, in the order in which they were acknowledged', async () => {
    const events = await read();
    const of = (type: string) =>
      events.filter((event) => event.type === type).map(({ resource }) => resource);
    // What was under way may have been written as well; what was acknowledged must have been.
    const inOrder = (type: string, acknowledged: string[]) =>
      expect(of(type).filter((resource) => acknowledged.includes(resource))).toEqual(acknowledged);
    inOrder(
      'project.created',
      done.projects.map(({ id }) => id),
    );
    inOrder(
      'api_key.revoked',
      done.revoked.map(({ key }) => key),
    );
    inOrder('room.started', done.started);
    expect(of('api_key.created')).toEqual(
      expect.arrayContaining(
        [...done.added, ...done.projects.map(({ pair }) => pair)].map(({ key }) => key),
      ),
    );
    expect(of('room.finished')).toEqual(expect.arrayContaining(done.finished));
    for (const [room, count] of done.updated) {
      const written = of('room.updated').filter((resource) => resource === room).length;
      expect(written).toBeGreaterThanOrEqual(count);
    }
  });

  it('the log has no gap, and each thing its own unbroken story', async () => {
    const events = await read();
    expect(events.map(({ position }) => position)).toEqual(events.map((_, i) => i + 1));
    const stories = new Map<string, EventRow[]>();
    for (const event of events) {
      const of = `${event.project} ${event.resource}`;
      stories.set(of, [...(stories.get(of) ?? []), event]);
    }
    for (const story of stories.values()) {
      expect(story.map(({ sequence }) => sequence)).toEqual(story.map((_, i) => i + 1));
      const types = story.map(({ type }) => type);
      if (!types[0]?.startsWith('room.')) continue;
      expect(types[0]).toBe('room.started');
      expect(types.indexOf('room.finished')).toBe(types.length - 1);
    }
  });
});

async function canList(server: Server, { key, secret }: KeyPair): Promise<void> {
  expect(await new RoomServiceClient(server.url, key, secret).listRooms()).toEqual([]);
}

/** Makes, changes and ends things from several sides, kills the server and the commands under way. */
async function loadUntilKilled(server: Server, done: Acknowledged): Promise<void> {
  const end = new AbortController();
  const before = {
    rooms: done.started.length,
    projects: done.projects.length,
    keys: done.revoked.length,
  };
  const load = Promise.all([
    createRooms(server, done, end.signal),
    createProjects(server, done, end.signal),
    rotateKeys(server, done, end.signal),
  ]);
  await Promise.race([
    load,
    eventually(() => {
      expect(done.started.length).toBeGreaterThan(before.rooms + 10);
      expect(done.projects.length).toBeGreaterThan(before.projects + 1);
      expect(done.revoked.length).toBeGreaterThan(before.keys);
    }, LOAD_LIMIT_MS),
  ]);
  const killed = server.kill();
  end.abort();
  await Promise.all([killed, load]);
}

/** Until the server is gone. */
async function createRooms(server: Server, done: Acknowledged, end: AbortSignal): Promise<void> {
  const rooms = new RoomServiceClient(server.url, DEMO_KEY.key, DEMO_KEY.secret);
  const write = async (): Promise<void> => {
    const name = uniqueName('room');
    const { sid } = await rooms.createRoom({ name });
    done.started.push(sid);
    for (let i = 1; i <= 3; i += 1) {
      await rooms.updateRoomMetadata(name, `change ${i}`);
      done.updated.set(sid, i);
    }
    if (done.started.length % 2 === 0) return;
    await rooms.deleteRoom(name);
    done.finished.push(sid);
  };
  while (!end.aborted) {
    await write().catch((error: unknown) => {
      if (!end.aborted) throw error;
    });
  }
}

async function createProjects(server: Server, done: Acknowledged, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    const id = uniqueName('p');
    const { code, stdout, stderr } = await server.commandUntil(end, 'project', 'create', id);
    if (end.aborted) return;
    expect([code, stderr]).toEqual([0, expect.stringContaining('not shown again')]);
    done.projects.push({ id, pair: keyIn(stdout) });
  }
}

async function rotateKeys(server: Server, done: Acknowledged, end: AbortSignal): Promise<void> {
  const keys = (...args: string[]) => server.commandUntil(end, 'project', 'keys', 'demo', ...args);
  while (!end.aborted) {
    const added = await keys('--add');
    if (end.aborted) return;
    expect([added.code, added.stderr]).toEqual([0, expect.stringContaining('not shown again')]);
    const pair = keyIn(added.stdout);
    done.added.push(pair);
    const old = done.added.find(({ key }) => !done.doubtful.has(key));
    if (!old || old === pair) continue;
    done.doubtful.add(old.key);
    const revoked = await keys('--revoke', old.key);
    if (end.aborted) return;
    expect([revoked.code, revoked.stderr]).toEqual([0, '']);
    done.revoked.push(old);
  }
}

function keyIn(stdout: string): KeyPair {
  const key = /^API key +(\S+)$/m.exec(stdout)?.[1] ?? '';
  const secret = /^secret +(\S+)$/m.exec(stdout)?.[1] ?? '';
  expect([key, secret]).not.toContain('');
  return { key, secret };
}
