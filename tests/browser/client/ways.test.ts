import { describe, expect } from 'vitest';
import type { Path, Way } from '../page/way.ts';
import { callTest, MODES } from '../support/call.ts';
import { atLeast, near } from '../support/matchers.ts';

const WAYS: { way: Way; path: Path }[] = [
  { way: 'ice-tcp', path: { local: expect.stringMatching(/host|prflx/), protocol: 'tcp' } },
  { way: 'turn-udp', path: { local: 'relay', protocol: 'udp' } },
  { way: 'turn-tcp', path: { local: 'relay', protocol: 'tcp' } },
];

describe.each(MODES)('in %s mode, who reaches the server', (mode) => {
  const test = callTest(mode);

  for (const { way, path } of WAYS) {
    test(`by ${way} alone sees and is seen`, async ({ call }) => {
      const [ann, bob] = await Promise.all([call.join('ann', { way }), call.join('bob')]);
      await Promise.all([
        ann.publishPicture('red'),
        ann.publishTone(440),
        bob.publishPicture('blue'),
      ]);
      await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'red' });
      await expect.poll(() => bob.audio('ann')).toMatchObject({ hertz: near(440) });
      await expect.poll(() => ann.video('bob')).toMatchObject({ shows: 'blue' });
      const { framesDecoded } = await ann.video('bob');
      await expect
        .poll(() => ann.video('bob'))
        .toMatchObject({
          framesDecoded: atLeast(framesDecoded + 20),
        });
      await expect
        .poll(() => call.measured('ann'))
        .toMatchObject({ transport: way.startsWith('turn') ? 'turn' : 'tcp' });
      const paths = await ann.paths();
      expect(paths.length).toBeGreaterThan(0);
      for (const used of paths) expect(used).toEqual(path);
    });
  }
});
