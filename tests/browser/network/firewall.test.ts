import { describe, expect } from 'vitest';
import { type Far, farTest } from '../support/far.ts';
import { near } from '../support/matchers.ts';
import type { Faults } from '../support/network.ts';

const test = farTest({ faults: {}, tls: true });

interface Firewall {
  what: string;
  passes: (far: Far) => Faults['passes'];
  path: { local: unknown; protocol: string };
}

const FIREWALLS: Firewall[] = [
  {
    what: 'no UDP',
    passes: () => ['tcp'],
    path: { local: expect.stringMatching(/host|prflx/), protocol: 'tcp' },
  },
  {
    what: 'HTTPS and one well-known port of UDP',
    passes: ({ ports }) => [`tcp:${ports.https}`, `udp:${ports.turn}`],
    path: { local: 'relay', protocol: 'udp' },
  },
  {
    what: 'nothing but HTTPS',
    passes: ({ ports }) => [`tcp:${ports.https}`],
    path: { local: 'relay', protocol: 'tls' },
  },
];

describe.each(FIREWALLS)('behind a firewall that lets through $what', ({ passes, path }) => {
  test('a client sees and is seen', async ({ far }) => {
    const [ann, bob] = await Promise.all([far.open('there'), far.join('here', 'bob')]);
    await far.machine.suffer({ passes: passes(far) });
    const began = performance.now();
    await ann.join({ ...(await far.ticket('there', 'ann')), way: 'any' });
    await Promise.all([
      ann.publishPicture('red'),
      ann.publishTone(440),
      bob.publishPicture('blue'),
    ]);
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'red' });
    await expect.poll(() => ann.video('bob')).toMatchObject({ shows: 'blue' });
    process.stdout.write(`seen after ${(performance.now() - began).toFixed(0)} ms\n`);
    await expect.poll(() => bob.audio('ann')).toMatchObject({ hertz: near(440) });
    expect(await ann.paths()).toEqual([path]);
    await far.machine.suffer({});
  });
});
