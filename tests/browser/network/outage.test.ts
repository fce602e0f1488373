import { setTimeout as elapsed } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { farTest } from '../support/far.ts';
import type { FarMachine } from '../support/network.ts';

const OUTAGE_MS = 10_000;
const COMEBACK_MS = 20_000;

const test = farTest();

const OUTAGES = [
  {
    what: 'the cable is out',
    begin: (machine: FarMachine) => machine.plug('out'),
    end: (machine: FarMachine) => machine.plug('in'),
  },
  {
    what: 'every packet is lost',
    begin: (machine: FarMachine) => machine.lose('all'),
    end: (machine: FarMachine) => machine.lose('none'),
  },
];

describe.each(OUTAGES)('while $what for ten seconds', ({ begin, end }) => {
  test('people are told, and come back by themselves', async ({ far }) => {
    const [ann, bob] = await far.meet();

    const over = elapsed(OUTAGE_MS);
    await begin(far.machine);
    const banner = ann.page.getByRole('alert').filter({ hasText: 'Connection lost' });
    await banner.waitFor({ timeout: OUTAGE_MS });
    await expect.poll(() => ann.plays('Bob')).toBe(false);
    expect(await ann.tile('Bob').locator('canvas').isVisible(), 'the last frame').toBe(true);
    await over;
    await end(far.machine);

    await banner.waitFor({ state: 'detached', timeout: COMEBACK_MS });
    await expect.poll(() => ann.plays('Bob')).toBe(true);
    await expect.poll(() => bob.plays('Ann')).toBe(true);
    await Promise.all([ann.expectToReceive(), bob.expectToReceive()]);
  });
});
