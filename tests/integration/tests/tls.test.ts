import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { createConnection } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { CertificateFiles } from '../support/certificate.js';
import { closeLibrary, connect, hears, leaveAll, Tone } from '../support/rtc.js';
import { Server } from '../support/server.js';
import { MODES, SignalClient } from '../support/signal_client.js';
import { joinToken, uniqueName } from '../support/tokens.js';

let files: CertificateFiles;
let server: Server;
beforeAll(async () => {
  files = await CertificateFiles.make();
  // Read by the native library of rtc-node when it first connects.
  process.env.SSL_CERT_FILE = files.authority;
  server = await Server.start({
    config: `[http]\ncertificate = "${files.certificate}"\nprivate_key = "${files.key}"\n`,
  });
});
afterAll(async () => {
  await closeLibrary();
  expect(await server.stop()).toBe(0);
});

/** The serial number of the certificate that a new connection is shown, and the protocol. */
async function handshake(options: object = {}): Promise<{ serial: string; protocol: string }> {
  const { port, hostname } = new URL(server.url);
  const socket = connectTls({ port: Number(port), host: hostname, ca: files.trusted, ...options });
  await once(socket, 'secureConnect');
  const shown = {
    serial: socket.getPeerCertificate().serialNumber,
    protocol: socket.getProtocol() ?? '',
  };
  socket.destroy();
  return shown;
}

async function status(path: string): Promise<number | undefined> {
  const request = get(server.url + path, { ca: files.trusted });
  const [response] = (await once(request, 'response')) as [{ statusCode?: number; resume(): void }];
  response.resume();
  return response.statusCode;
}

describe('a server with a certificate', () => {
  it('says so in its address, and serves pages and API over TLS', async () => {
    expect(server.url).toMatch(/^https:/);
    expect(await status('/healthz')).toBe(200);
    expect(await status('/rtc/validate')).toBe(401);
  });

  it.each(MODES)('is joined over wss, in %s mode', async (mode) => {
    const token = await joinToken(uniqueName('room'), 'alice');
    const alice = await SignalClient.join(server, token, { mode, ca: files.trusted });
    await alice.settle();
    await alice.close();
  });

  it('carries a call of real clients, which check the certificate', async () => {
    const room = uniqueName('room');
    const [alice, bob] = await Promise.all([
      connect(server, room, 'alice'),
      connect(server, room, 'bob'),
    ]);
    const tone = new Tone(48_000, [440]);
    await tone.publish(alice);
    await hears(bob, 'alice', [440]);
    await tone.stop();
    await leaveAll();
  });

  it('speaks TLS 1.2 and 1.3, and nothing older', async () => {
    expect(await handshake({ maxVersion: 'TLSv1.2' })).toMatchObject({ protocol: 'TLSv1.2' });
    expect(await handshake()).toMatchObject({ protocol: 'TLSv1.3' });
    const old = handshake({
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    await expect(old).rejects.toThrow(/version/);
  });

  it('ends a connection that is not TLS, and goes on', async () => {
    const { port, hostname } = new URL(server.url);
    const socket = createConnection({ port: Number(port), host: hostname });
    socket.on('error', () => undefined).resume();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'close');
    expect(await status('/healthz')).toBe(200);
  });
});

describe('SIGHUP', () => {
  let alice: SignalClient;
  beforeEach(async () => {
    server.log.length = 0;
    const token = await joinToken(uniqueName('room'), 'alice');
    alice = await SignalClient.join(server, token, { ca: files.trusted });
    return async () => {
      // Whatever was loaded, the connections that are there stay.
      await alice.settle();
      await alice.close();
    };
  });
  const hangUp = (event: string) => {
    server.signal('SIGHUP');
    return server.event(event);
  };

  it('changes the certificate for new connections', async () => {
    const old = (await handshake()).serial;
    const serial = await files.issue();
    expect((await handshake()).serial).toBe(old);
    await hangUp('http.certificate_reloaded');
    expect((await handshake()).serial).toContain(serial);
    expect(serial).not.toBe(old);
  });

  it.each([
    ['is broken', () => writeFileSync(files.certificate, '-----BEGIN CERTIFICATE-----\nAAAA\n')],
    ['is empty', () => writeFileSync(files.certificate, '')],
    [
      'has the key of another',
      async () => copyFileSync((await CertificateFiles.make()).key, files.key),
    ],
  ])('keeps the certificate when the new one %s, and says what is wrong', async (_, spoil) => {
    const { serial } = await handshake();
    await spoil();
    const event = await hangUp('http.certificate_not_reloaded');
    expect(event.level).toBe('error');
    expect(String(event.reason)).toMatch(/server\.(pem|key)/);
    expect((await handshake()).serial).toBe(serial);
    const next = await files.issue();
    await hangUp('http.certificate_reloaded');
    expect((await handshake()).serial).toContain(next);
  });
});
