import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';

import { DisconnectReason } from '@livekit/rtc-node';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';

import { CertificateFiles } from '../support/certificate.js';
import {
  closeLibrary,
  connect,
  eventually,
  leaveAll,
  nextEvent,
  RoomEvent,
  receivedTrack,
  Tone,
} from '../support/rtc.js';
import { Server, type ServerOptions } from '../support/server.js';
import { SignalClient } from '../support/signal_client.js';
import { tempFolder } from '../support/temp.js';
import { DEMO_KEY, joinToken, uniqueName } from '../support/tokens.js';

let server: Server;
beforeEach(async () => {
  server = await Server.start();
});
afterEach(async () => {
  await leaveAll();
  await server.stop();
});
afterAll(closeLibrary);

const RSS_LIMIT_MB = 60;

function residentMb(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]) / 1024;
}

async function metric(name: string): Promise<number> {
  const text = await (await server.fetch('/metrics')).text();
  const samples = text.split('\n').filter((line) => line.split(/[ {]/)[0] === name);
  expect(samples).not.toEqual([]);
  return samples.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('a running server', () => {
  it('says that it is alive and ready', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const response = await server.fetch(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('Cache-Control')).toBe('no-store');
    }
  });

  it('takes little memory while nothing happens', () => {
    const resident = residentMb(server.pid);
    process.stdout.write(
      `ready after ${server.readyAfterMs.toFixed(0)} ms, ${resident.toFixed(1)} MB resident\n`,
    );
    expect(resident).toBeLessThan(RSS_LIMIT_MB);
  });

  it('counts what it does', async () => {
    const room = uniqueName('room');
    const [alice, bob] = await Promise.all([
      connect(server, room, 'alice'),
      connect(server, room, 'bob'),
    ]);
    const tone = new Tone(48_000, [440]);
    await tone.publish(alice);
    await receivedTrack(bob, 'alice');
    await eventually(async () => {
      expect(await metric('visavis_rooms')).toBe(1);
      expect(await metric('visavis_participants')).toBe(2);
      expect(await metric('visavis_tracks')).toBe(1);
      expect(await metric('visavis_http_websockets')).toBe(2);
      expect(await metric('visavis_publishers')).toBe(1);
      expect(await metric('visavis_subscribers')).toBe(1);
      expect(await metric('visavis_media_rtp_received_total')).toBeGreaterThan(10);
      expect(await metric('visavis_media_rtp_forwarded_total')).toBeGreaterThan(10);
      expect(await metric('visavis_worker_received_bytes_total')).toBeGreaterThan(1000);
      expect(await metric('visavis_worker_sent_bytes_total')).toBeGreaterThan(1000);
      expect(await metric('visavis_worker_cpu_seconds_total')).toBeGreaterThan(0);
      expect(await metric('visavis_media_round_trip_seconds_count')).toBeGreaterThan(0);
      expect(await metric('visavis_storage_commits_total')).toBeGreaterThan(4);
    });
    expect(await metric('visavis_media_dropped_total')).toBe(0);
    await tone.stop();
    await leaveAll();
    await eventually(async () => expect(await metric('visavis_participants')).toBe(0));
  });

  it('writes a log of which every line is JSON when it is told so', async () => {
    await server.stop();
    expect(server.log.map(({ event }) => event)).not.toContain('not.json');
    for (const { time, level } of server.log) {
      expect(new Date(time).getTime()).toBeGreaterThan(0);
      expect(['info', 'warning']).toContain(level);
    }
  });
});

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('ends the calls, and the server with 0, whoever holds on to it', async () => {
    const room = uniqueName('room');
    const [alice, bob] = await Promise.all([
      connect(server, room, 'alice'),
      connect(server, room, 'bob'),
    ]);
    const tone = new Tone(48_000, [440]);
    await tone.publish(alice);
    await receivedTrack(bob, 'alice');
    const raw = await SignalClient.join(server, await joinToken(room, 'raw'));
    const stuck = await holdOn(server);
    const told = nextEvent(alice, RoomEvent.Reconnecting);

    const started = performance.now();
    const code = await server.stop(signal);
    expect(code).toBe(0);
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(await raw.next('leave')).toMatchObject({ reason: DisconnectReason.SERVER_SHUTDOWN });
    expect((await raw.closed).code).toBe(1000);
    await told; // It is sent elsewhere, and tries.
    const events = server.log.map(({ event }) => event);
    expect(events.slice(-1)).toEqual(['server.stopped']);
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([]);
    await tone.stop();
    for (const socket of stuck) socket.destroy();
  });
});

/** Connections that never finish what they began. */
async function holdOn(to: Server): Promise<Socket[]> {
  const { port, hostname } = new URL(to.url);
  const beginnings = [
    '',
    'GET / HT',
    'POST /twirp/livekit.RoomService/ListRooms HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx',
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  ];
  return Promise.all(
    beginnings.map(async (beginning) => {
      const socket = createConnection({ port: Number(port), host: hostname });
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(beginning);
      return socket;
    }),
  );
}

describe('a server that cannot start', () => {
  /** The reason that it gave. */
  async function failure(options: ServerOptions): Promise<string> {
    const other = await Server.attempt(options);
    expect(other.exitCode).toBe(1);
    const [failed] = other.log.filter(({ event }) => event === 'server.start_failed');
    expect(failed?.level).toBe('error');
    return String(failed?.reason);
  }

  it('names the address that is in use', async () => {
    const { host } = new URL(server.url);
    expect(await failure({ args: ['--http', host] })).toContain(
      `cannot listen on ${host}: Address already in use`,
    );
  });

  it('names the media port that is in use', async () => {
    const ready = await server.event('server.ready');
    const [port] = String(ready.media_udp).split(',');
    const reason = await failure({ args: ['--media-port', port ?? ''] });
    expect(reason).toContain(`${port}: Address already in use`);
  });

  it('leaves the rooms of the one that runs on its data alone', async () => {
    const rooms = new RoomServiceClient(server.url, DEMO_KEY.key, DEMO_KEY.secret);
    const room = uniqueName('room');
    await rooms.createRoom({ name: room });
    expect(await failure({ dataFolder: server.dataFolder })).toContain(
      `data directory ${server.dataFolder}: another server is running on it`,
    );
    await server.restart();
    const [closed] = server.log.filter(
      ({ event }) => event === 'server.rooms_left_open_were_closed',
    );
    expect(closed?.rooms).toBe(1);
  });

  it('names the certificate that it cannot read', async () => {
    const files = await CertificateFiles.make();
    const config = `[http]\ncertificate = "${files.certificate}"\nprivate_key = "${files.key}"\n`;
    writeFileSync(files.certificate, 'no certificate');
    expect(await failure({ config })).toContain(files.certificate);
    rmSync(files.certificate);
    expect(await failure({ config })).toContain(files.certificate);
  });

  it('names the database that it cannot reach, and not its password', async () => {
    const url = `postgresql://u:geheim@/nothing?host=${tempFolder()}`;
    const reason = await failure({ config: `[database]\nurl = "${url}"\n` });
    expect(reason).toMatch(/^unavailable: /);
    expect(reason).not.toContain('geheim');
  });

  it('does not touch a database that it does not understand', async () => {
    const file = join(tempFolder(), 'notes.db');
    writeFileSync(file, 'Dear diary, today I did not write a database.');
    expect(await failure({ config: `[database]\nurl = "sqlite:${file}"\n` })).toContain(file);
    expect(readFileSync(file, 'utf8')).toMatch(/^Dear diary/);
  });
});
