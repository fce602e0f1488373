import { type RemoteTrack, Room, RoomEvent, TrackKind, VideoStream } from '@livekit/rtc-node';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

import { closeLibrary, connect, eventually, leaveAll, receivedTrack } from '../support/rtc.js';
import { refusal } from '../support/refusal.js';
import { Server, type ServerOptions } from '../support/server.js';
import { SignalClient } from '../support/signal_client.js';
import { DEMO_KEY, joinToken, uniqueName } from '../support/tokens.js';
import { Picture } from '../support/video.js';

/** A picture that stands still for longer is seen to stand; the machine may be busy. */
const GAP_LIMIT_MS = 4000;

const servers: Server[] = [];
async function start(options: ServerOptions = {}): Promise<Server> {
  const server = await Server.start(options);
  servers.push(server);
  return server;
}
afterEach(async () => {
  await leaveAll();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});
afterAll(closeLibrary);

const successorOf = (server: Server) =>
  start({ dataFolder: server.dataFolder, args: ['--take-over'] });
const roomsOf = (server: Server) =>
  new RoomServiceClient(server.url, DEMO_KEY.key, DEMO_KEY.secret);

/** When frames of anybody's video came to this client, whichever server they came from. */
function frameTimes(client: Room): number[] {
  const times: number[] = [];
  const watch = async (track: RemoteTrack) => {
    if (track.kind !== TrackKind.KIND_VIDEO) return;
    const reader = new VideoStream(track).getReader();
    for (;;) {
      const { done } = await reader.read();
      if (done) return;
      times.push(performance.now());
    }
  };
  client.on(RoomEvent.TrackSubscribed, (track) => void watch(track).catch(() => undefined));
  return times;
}

function longestGap(times: readonly number[]): number {
  return Math.max(...times.slice(1).map((time, i) => time - (times[i] ?? time)));
}

describe('a server that takes over', () => {
  it('goes on with the calls of the one before it', async () => {
    const first = await start();
    const room = uniqueName('room');
    await roomsOf(first).createRoom({ name: room, metadata: 'kept', maxParticipants: 7 });
    const bob = await connect(first, room, 'bob');
    const times = frameTimes(bob);
    const alice = await connect(first, room, 'alice');
    const picture = new Picture([40, 160, 90]);
    await picture.publish(alice, 0);
    await receivedTrack(bob, 'alice');
    await eventually(() => expect(times.length).toBeGreaterThan(25));

    const began = performance.now();
    const second = await successorOf(first);
    expect(second.url).toBe(first.url);
    await second.event('server.ready');
    await first.event('server.stopped');
    const afterMove = times.length;
    await eventually(() => expect(times.length).toBeGreaterThan(afterMove + 50));

    const gap = longestGap(times.filter((time) => time > began - 1000));
    process.stdout.write(`the picture stood for ${gap.toFixed(0)} ms\n`);
    expect(gap).toBeLessThan(GAP_LIMIT_MS);
    expect(bob.isConnected && alice.isConnected).toBe(true);
    const [moved] = await roomsOf(second).listRooms([room]);
    expect(moved).toMatchObject({ metadata: 'kept', maxParticipants: 7, numParticipants: 2 });
    expect(await first.stop()).toBe(0);
    expect(first.log.filter(({ level }) => level === 'error')).toEqual([]);
    await picture.stop();
  });

  it('may be taken over from as well, and again', async () => {
    const room = uniqueName('room');
    let server = await start();
    await roomsOf(server).createRoom({ name: room, metadata: 'kept' });
    for (let i = 0; i < 3; i += 1) {
      const next = await successorOf(server);
      await server.event('server.stopped');
      expect(next.url).toBe(server.url);
      await eventually(async () => {
        expect(await roomsOf(next).listRooms([room])).toMatchObject([{ metadata: 'kept' }]);
      });
      await next.event('server.ready');
      server = next;
    }
  });

  it('loses no connection on the way', async () => {
    const first = await start();
    let answered = 0;
    let stopped = false;
    const failures: unknown[] = [];
    const knock = async () => {
      while (!stopped) {
        try {
          // Each over a connection of its own.
          const response = await fetch(`${first.url}/healthz`, {
            headers: { Connection: 'close' },
          });
          if (response.status === 200) answered += 1;
          else failures.push(response.status);
        } catch (error) {
          failures.push(error);
        }
      }
    };
    const visitors = [knock(), knock(), knock()];
    await eventually(() => expect(answered).toBeGreaterThan(20));
    await successorOf(first);
    await first.event('server.stopped');
    const afterMove = answered;
    await eventually(() => expect(answered).toBeGreaterThan(afterMove + 20));
    stopped = true;
    await Promise.all(visitors);
    expect(failures).toEqual([]);
  });

  it('is started by SIGUSR2 from the program on the disk', async () => {
    const server = await start();
    server.signal('SIGUSR2');
    const { pid } = await server.event('handover.successor_started');
    try {
      await server.event('handover.done');
      const response = await server.fetch('/readyz');
      expect(response.status).toBe(200);
    } finally {
      process.kill(Number(pid), 'SIGTERM');
    }
    expect(await server.stop()).toBe(0);
  });

  it('starts like any other where there is nobody to take over from', async () => {
    const server = await start({ args: ['--take-over'] });
    expect((await server.fetch('/readyz')).status).toBe(200);
    expect(server.log.map(({ event }) => event)).toContain('handover.nobody');
  });
});

describe('a server that is told to stop and has time', () => {
  it('takes no new rooms, lets people into those that are open, and ends with the last', async () => {
    const server = await start({ env: { VISAVIS_SERVER_DRAIN_TIMEOUT_S: '60' } });
    const room = uniqueName('room');
    await roomsOf(server).createRoom({ name: room, departureTimeout: 1 });
    await connect(server, room, 'alice');
    server.signal('SIGTERM');
    await server.event('server.draining');
    expect((await server.fetch('/readyz')).status).toBe(503);
    await connect(server, room, 'bob');
    await expect(roomsOf(server).createRoom({ name: uniqueName('room') })).rejects.toThrow();
    const eve = await refusal(SignalClient.join(server, await joinToken(uniqueName('room'), 'eve')));
    expect(eve.status).toBe(503);
    await leaveAll();
    await server.event('server.stopped');
  });

  it('ends at once when it is told a second time', async () => {
    const server = await start({ env: { VISAVIS_SERVER_DRAIN_TIMEOUT_S: '600' } });
    const alice = await SignalClient.join(server, await joinToken(uniqueName('room'), 'alice'));
    server.signal('SIGTERM');
    await server.event('server.draining');
    server.signal('SIGTERM');
    await server.event('server.stopped');
    expect(await alice.next('leave')).toBeDefined();
  });
});
