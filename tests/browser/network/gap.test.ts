import { describe, expect } from 'vitest';
import type { Client } from '../support/call.ts';
import { type Far, farTest } from '../support/far.ts';

/** After the client is back. */
const MORE_FRAMES = 30;
/** LiveKit's client says so two seconds after it is back. */
const RECONNECTED_MS = 30_000;

const test = farTest();

interface Change {
  what: string;
  happen: (ann: Client, far: Far) => Promise<void>;
  longestMs: number;
}

const CHANGES: Change[] = [
  {
    what: 'its signalling breaks, and it restarts ICE',
    happen: (ann) => ann.simulate('signal-reconnect'),
    longestMs: 2_000,
  },
  {
    what: 'it joins anew',
    happen: (ann) => ann.simulate('full-reconnect'),
    // About one second where there is a core to spare.
    longestMs: 4_000,
  },
  {
    what: 'its address goes, of which it is not told, and another comes',
    happen: (_, far) => far.machine.moveTo(3, 0),
    // Fifteen seconds until it misses the answers to its pings.
    longestMs: 20_000,
  },
];

/** The longest time that a picture stood still since this was last asked, until it moves on. */
async function gap(client: Client, whose: string): Promise<number> {
  let longest = (await client.shown(whose))?.longestMs ?? 0;
  let frames = 0;
  const more = async () => {
    const shown = await client.shown(whose);
    longest = Math.max(longest, shown?.longestMs ?? 0);
    frames += shown?.frames ?? 0;
    return frames;
  };
  await expect.poll(more).toBeGreaterThan(MORE_FRAMES);
  return Math.round(longest);
}

describe.each(CHANGES)('a client in a call: $what', ({ what, happen, longestMs }) => {
  test('and the pictures soon go on', async ({ far }) => {
    const [ann, bob] = await Promise.all([far.join('there', 'ann'), far.join('here', 'bob')]);
    await Promise.all([ann.publishPicture('red'), bob.publishPicture('blue')]);
    await expect.poll(() => ann.video('bob')).toMatchObject({ shows: 'blue' });
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'red' });
    await Promise.all([gap(ann, 'bob'), gap(bob, 'ann')]);

    await happen(ann, far);
    const reconnected = async () => (await ann.heard('reconnected')).length;
    await expect.poll(reconnected, { timeout: RECONNECTED_MS }).toBe(1);
    const [there, here] = await Promise.all([gap(ann, 'bob'), gap(bob, 'ann')]);
    process.stdout.write(`${what}: still for ${there} ms there, ${here} ms here\n`);
    expect(Math.max(there, here)).toBeLessThan(longestMs);
  });
});
