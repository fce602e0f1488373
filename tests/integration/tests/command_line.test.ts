import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { visavis } from '../support/program.js';
import { eventually } from '../support/rtc.js';
import { Server } from '../support/server.js';
import { SignalClient } from '../support/signal_client.js';
import { tempFolder } from '../support/temp.js';
import { claimsOf, DEMO_KEY, type KeyPair, uniqueName } from '../support/tokens.js';

const DATE = '\\d{4}-\\d{2}-\\d{2}';

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
});

function keyIn(stdout: string): KeyPair {
  const [, key = '', secret = ''] = /^API key +(\S+)\nsecret +(\S+)$/m.exec(stdout) ?? [];
  return { key, secret };
}

const roomsOf = (pair: KeyPair) =>
  new RoomServiceClient(server.url, pair.key, pair.secret).listRooms();

/** The running server reads the keys again every few seconds. */
const works = (pair: KeyPair) => eventually(async () => expect(await roomsOf(pair)).toEqual([]));

describe('projects beside a running server', () => {
  it('are made with a key that works without a restart, and listed', async () => {
    const id = uniqueName('acme');
    const made = await server.command('project', 'create', id, '--name', 'Acme Calls');
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(`^project +${id}\n`) });
    expect(made.stderr).toContain('not shown again');
    await works(keyIn(made.stdout));
    const { stdout } = await server.command('project', 'list');
    expect(stdout).toMatch(new RegExp(`^${id} +${DATE} +Acme Calls$`, 'm'));
  });

  it('rotate their keys: a new one works, and a revoked one no longer', async () => {
    const id = uniqueName('acme');
    const first = keyIn((await server.command('project', 'create', id)).stdout);
    const second = keyIn((await server.command('project', 'keys', id, '--add')).stdout);
    await Promise.all([works(first), works(second)]);
    const revoked = await server.command('project', 'keys', id, '--revoke', first.key);
    expect(revoked).toEqual({ code: 0, stdout: `${first.key} is revoked.\n`, stderr: '' });
    const { stdout } = await server.command('project', 'keys', id);
    expect(stdout).toMatch(
      new RegExp(`^${first.key} +made ${DATE} +used ${DATE} +revoked ${DATE}`, 'm'),
    );
    expect(stdout).toMatch(new RegExp(`^${second.key} +made ${DATE} +used ${DATE} +active`, 'm'));
    expect(stdout).not.toContain(second.secret);
    await eventually(() => expect(roomsOf(first)).rejects.toMatchObject({ status: 401 }));
    expect(await roomsOf(second)).toEqual([]);
  });

  it.each([
    ['an id that is taken', ['project', 'create', 'demo'], /'demo' already exists/],
    ['an id that is none', ['project', 'create', 'No_Slug'], /lower-case letter/],
    ['a project that is not there', ['project', 'keys', 'nowhere'], /no project 'nowhere'/],
    [
      'a key that is not there',
      ['project', 'keys', 'demo', '--revoke', 'APIx'],
      /no active key 'APIx'/,
    ],
    ['a token of an unknown key', ['token', 'create', '--key', 'APIx'], /no active key APIx/],
  ])('refuse %s', async (_, args, message) => {
    const { code, stdout, stderr } = await server.command(...args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^visavis: /);
    expect(stderr).toMatch(message);
  });
});

describe('tokens', () => {
  it('join a room, signed by the demo key or by one of a project', async () => {
    const made = await server.command('project', 'create', uniqueName('acme'));
    await works(keyIn(made.stdout));
    for (const signing of [[], ['--key', keyIn(made.stdout).key]]) {
      const args = ['--room', uniqueName('room'), '--identity', 'alice', '--name', 'Alice'];
      const { stdout } = await server.command('token', 'create', ...args, ...signing);
      const alice = await SignalClient.join(server, stdout.trim());
      expect(alice.join.participant).toMatchObject({ identity: 'alice', name: 'Alice' });
      await alice.close();
    }
  });

  it('say what they were asked to say', async () => {
    const { stdout } = await visavis([
      ...['token', 'create', '--dev', '--room', 'r', '--identity', 'a', '--metadata', 'm'],
      ...['--ttl', '90s', '--grant', 'roomAdmin,hidden', '--deny', 'canPublish'],
      ...['--source', 'microphone,screen_share'],
    ]);
    const claims = claimsOf(stdout.trim());
    expect(claims).toMatchObject({ iss: DEMO_KEY.key, sub: 'a', metadata: 'm' });
    expect(Number(claims.exp) - Number(claims.nbf)).toBe(90);
    expect(claims.video).toEqual({
      room: 'r',
      roomJoin: true,
      roomAdmin: true,
      hidden: true,
      canPublish: false,
      canPublishSources: ['microphone', 'screen_share'],
    });
  });
});

describe('the command line', () => {
  it.each([
    ['an unknown command', ['serv'], 'unknown command serv; the nearest known one is serve'],
    [
      'an unknown flag',
      ['serve', '--htpp', 'x'],
      'unknown flag --htpp; the nearest known one is --http',
    ],
    ['a missing id', ['project', 'create'], 'project create needs the ID of the new project'],
    ['a token without key', ['token', 'create'], 'token create needs --key, the id of an API key'],
    ['an unknown grant', ['token', 'create', '--dev', '--grant', 'x'], 'unknown grant x; '],
    ['a ttl that is none', ['token', 'create', '--dev', '--ttl', '5y'], '--ttl: 5y is not a time'],
  ])('refuses %s with code 2', async (_, args, message) => {
    const { code, stdout, stderr } = await visavis(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^visavis: /);
    expect(stderr).toContain(message);
  });

  it.each([[[]], [['serve']], [['project', 'keys']], [['token', 'create']], [['migrate']]])(
    'explains itself with --help: %s',
    async (command) => {
      const { code, stdout, stderr } = await visavis([...command, '--help']);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain(['Usage: visavis', ...command].join(' '));
    },
  );

  it('prints its version', async () => {
    const { stdout } = await visavis(['version']);
    expect(stdout).toMatch(/^visavis \d+\.\d+\.\d+\n$/);
    expect(await visavis(['--version'])).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('prints a configuration that it takes itself', async () => {
    const folder = tempFolder();
    const { stdout } = await visavis(['config', '--sample']);
    // Every option is there, commented out: switched on, each says its default.
    const file = join(folder, 'all.toml');
    const on = stdout.replace(/^#(?=\[?[a-z_]+(?: = |\]))/gm, '');
    writeFileSync(file, on.slice(0, on.indexOf('[[webhook]]')));
    const made = await visavis(['migrate', '--config', file, '--data-dir', join(folder, 'data')]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('the configuration', () => {
  /** A file with this text, and a folder for what is made. */
  function configured(text: string): { file: string; path: (name: string) => string } {
    const folder = tempFolder();
    const file = join(folder, 'visavis.toml');
    writeFileSync(file, text.replaceAll('FOLDER', folder));
    return { file, path: (name) => join(folder, name) };
  }

  it.each([
    [
      '[http]\nlissten = []',
      'visavis.toml:2: unknown key http.lissten; the nearest known one is http.listen',
    ],
    ['[htp]\nlisten = []', 'visavis.toml:1: unknown section htp; the nearest known one is http'],
    [
      '[media]\nport = 70000',
      'visavis.toml:2: media.port: 70000 is not a whole number from 0 to 65535',
    ],
    ['[media]\nport = "x"', 'visavis.toml:2: media.port'],
    ['[log]\nlevel = "loud"', "visavis.toml:2: log.level: 'loud' is not one of debug, info,"],
    ['[http', 'visavis.toml:1: '],
    ['[http]\ncertificate = "a"', 'http.certificate and http.private_key: give both or neither'],
    ['[[webhook]]\nurl = "ftp://x"', 'webhook.url: "ftp://x" is not an http or https URL'],
    ['[database]\nurl = "mysql://x"', 'database.url: it is neither sqlite:PATH nor postgresql://'],
  ])('is refused with its place: %j', async (text, message) => {
    const { file } = configured(text);
    const { code, stdout, stderr } = await visavis(['serve', '--config', file]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
  });

  it('is refused in the environment too, every mistake at once', async () => {
    const env = { VISAVIS_HTTP_LISSTEN: 'x', VISAVIS_MEDIA_PORT: 'x' };
    const { code, stderr } = await visavis(['serve'], { env });
    expect(code).toBe(1);
    expect(stderr).toContain('VISAVIS_HTTP_LISSTEN; the nearest known one is VISAVIS_HTTP_LISTEN');
    expect(stderr).toContain('VISAVIS_MEDIA_PORT: "x" is not a whole number');
  });

  it('is refused when its file is not there', async () => {
    const { code, stderr } = await visavis(['serve', '--config', '/nowhere.toml']);
    expect([code, stderr]).toEqual([1, 'visavis: cannot read /nowhere.toml\n']);
  });

  it('comes from the file, over it the environment, over both the flags', async () => {
    const { file, path } = configured('[server]\ndata_dir = "FOLDER/file"\n');
    const list = ['project', 'list', '--config', file];
    const env = { VISAVIS_SERVER_DATA_DIR: path('environment') };
    const made = () => ['file', 'environment', 'flag'].filter((name) => existsSync(path(name)));
    await visavis([...list, '--data-dir', path('flag')], { env });
    expect(made()).toEqual(['flag']);
    await visavis(list, { env });
    expect(made()).toEqual(['environment', 'flag']);
    await visavis(list);
    expect(made()).toEqual(['file', 'environment', 'flag']);
  });

  it('takes a secret from a file that it names', async () => {
    const { path } = configured('');
    writeFileSync(path('url'), `sqlite:${path('elsewhere.db')}\n`);
    const env = { VISAVIS_DATABASE_URL_FILE: path('url') };
    const made = await visavis(['migrate', '--data-dir', path('data')], { env });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(path('elsewhere.db'))).toBe(true);
  });

  it('is put in effect by migrate, once', async () => {
    const { path } = configured('');
    const migrate = () => visavis(['migrate', '--data-dir', path('data')]);
    expect((await migrate()).stdout).toMatch(/^The schema went from version 0 to \d+\.\n$/);
    expect((await migrate()).stdout).toMatch(/^The schema is up to date \(version \d+\)\.\n$/);
  });
});

describe('doctor', () => {
  interface Examination {
    ok: boolean;
    findings: { verdict: string; subject: string; what: string; advice: string }[];
  }

  it('finds nothing wrong beside a running server, and changes nothing', async () => {
    const { code, stdout } = await server.command('doctor', '--json');
    const examination = JSON.parse(stdout) as Examination;
    expect(examination.findings.filter(({ verdict }) => verdict === 'problem')).toEqual([]);
    expect([code, examination.ok]).toEqual([0, true]);
    expect((await server.fetch('/readyz')).status).toBe(200);
  });

  it('names a port that somebody has, says what to do, and fails', async () => {
    const taken = createSocket('udp4');
    taken.bind(0);
    await once(taken, 'listening');
    const { port } = taken.address();
    const args = ['--data-dir', tempFolder(), '--media-port', String(port), '--http', '127.0.0.1:0'];
    const { code, stdout } = await visavis(['doctor', '--dev', ...args]);
    taken.close();
    expect(code).toBe(1);
    expect(stdout).toContain(`PROBLEM media port: UDP port 0.0.0.0:${port}: Address already in use`);
    expect(stdout).toContain(`-> see who has it: ss -lnpu 'sport = :${port}'`);
  });
});
