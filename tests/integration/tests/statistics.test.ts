import { readFileSync } from 'node:fs';

import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Description } from '../support/openapi.js';
import {
  closeLibrary,
  connect,
  eventually,
  leaveAll,
  receivedTrack,
  Tone,
} from '../support/rtc.js';
import { Server } from '../support/server.js';
import { DEMO_KEY, uniqueName } from '../support/tokens.js';
import { Picture } from '../support/video.js';

let server: Server;
beforeEach(async () => {
  server = await Server.start();
});
afterEach(async () => {
  await leaveAll();
  await server.stop();
});
afterAll(closeLibrary);

const BASIC = `Basic ${Buffer.from(`${DEMO_KEY.key}:${DEMO_KEY.secret}`).toString('base64')}`;

const ROOMS = '/v1/rooms';
const ROOM = '/v1/rooms/{room}';
const PERSON = '/v1/rooms/{room}/participants/{identity}';

/** What the server answers at `path`, which its own description must allow. */
async function read(path: string, names: Record<string, string> = {}) {
  const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? '');
  const response = await server.fetch(url, { headers: { Authorization: BASIC } });
  return (await Description.of(server)).check('get', path, response);
}

it('tells of a call while it goes on, and of nothing when it is over', async () => {
  const room = uniqueName('room');
  const alice = await connect(server, room, 'alice');
  const bob = await connect(server, room, 'bob');
  const tone = new Tone(48_000, [440]);
  const picture = new Picture([200, 40, 40]);
  await tone.publish(alice);
  await picture.publish(alice, 0);
  await receivedTrack(bob, 'alice');

  await eventually(async () => {
    const person = await read(PERSON, { room, identity: 'alice' });
    expect(person.series.received_kbps.length).toBeGreaterThan(0);
    expect(person.received_kbps).toBeGreaterThan(10);
    expect(person).toMatchObject({ connected: true, quality: 'excellent', cause: null });
    const camera = person.tracks.find((track: { source: string }) => track.source === 'camera');
    expect(camera.layers[0].frames_per_second).toBeGreaterThan(5);
    expect(camera.layers[0].key_frames).toBeGreaterThan(0);
    expect(camera.layers[0].series.at.length).toBe(camera.layers[0].series.kbps.length);
  });
  const watcher = await read(PERSON, { room, identity: 'bob' });
  expect(watcher.sent_kbps).toBeGreaterThan(10);
  expect(watcher.round_trip_ms === null || watcher.round_trip_ms < 1000).toBe(true);
  expect(watcher.subscriptions).toHaveLength(2);
  expect(watcher.subscriptions[0]).toMatchObject({ publisher: 'alice', layer: 0 });

  const { rooms } = await read(ROOMS);
  expect(rooms).toMatchObject([{ name: room, participant_count: 2, publisher_count: 1 }]);
  expect((await read(ROOM, { room })).participants).toHaveLength(2);
  const { workers } = await read('/v1/workers');
  expect(workers.some(({ cpu_share }: { cpu_share: number }) => cpu_share > 0)).toBe(true);

  await Promise.all([tone.stop(), picture.stop()]);
  await leaveAll();
  await eventually(async () => {
    expect(await read(PERSON, { room, identity: 'alice' })).toMatchObject({ status: 404 });
  });
});

it('is for those alone who have a key', async () => {
  const attempts: Record<string, string>[] = [{}, { Authorization: 'Basic ZGV2a2V5Ondyb25n' }];
  for (const headers of attempts) {
    const response = await server.fetch(ROOMS, { headers });
    expect(response.headers.get('Content-Type')).toBe('application/problem+json');
    const problem = await (await Description.of(server)).check('get', ROOMS, response);
    expect(problem).toMatchObject({ status: 401, code: 'unauthenticated' });
  }
});

describe('/metrics', () => {
  let metrics: string;
  let types: Map<string, string>;
  beforeEach(async () => {
    metrics = await (await server.fetch('/metrics')).text();
    types = new Map(
      [...metrics.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type = '']) => [
        name,
        type,
      ]),
    );
  });

  it('has every metric in the guide', () => {
    const guide = readFileSync(
      new URL('../../../docs/guides/statistics.md', import.meta.url),
      'utf8',
    );
    expect(types.size).toBeGreaterThan(20);
    const untold = [...types.keys()].filter(
      (name) =>
        !guide.includes(name) &&
        !guide.includes(`…${name.replace(/^visavis_(media|worker)/, '')}`) &&
        !/^visavis_(http|storage)_|^visavis_certificate/.test(name),
    );
    expect(untold).toEqual([]);
  });

  it('names and explains them as Prometheus wants', () => {
    for (const [name, type] of types) {
      expect(name).toMatch(/^visavis_[a-z_]+[a-z]$/);
      expect(name.endsWith('_total'), `${name} is a ${type}`).toBe(type === 'counter');
      expect(name).not.toMatch(/_(count|sum|bucket|created|info)$/);
      expect(name).not.toMatch(/(milliseconds|_ms|minutes|kilobytes|_kb|bits)(_total)?$/);
      expect(metrics).toMatch(new RegExp(`^# HELP ${name} \\S+ \\S.*$`, 'm'));
    }
    for (const transport of ['udp', 'tcp', 'turn']) {
      expect(metrics).toContain(`visavis_media_sessions{transport="${transport}"} 0`);
    }
  });
});
