import { describe, expect } from 'vitest';
import { callTest, MODES } from '../support/call.ts';
import { atLeast } from '../support/matchers.ts';

const SECRET = { passphrase: 'only the two of us' } as const;

describe.each(MODES)('end-to-end encryption in %s mode', (mode) => {
  const test = callTest(mode);

  for (const videoCodec of ['vp8', 'h264', 'vp9'] as const) {
    test(`an encrypted picture in ${videoCodec} is forwarded and decoded`, async ({ call }) => {
      const [ann, bob] = await call.pair(SECRET);
      await ann.publishPicture('red', {}, { videoCodec, backupCodec: false });
      await expect
        .poll(() => bob.video('ann'))
        .toMatchObject({ shows: 'red', framesDecoded: atLeast(10) });
      // Who comes later has to be given a key frame, which the server has to recognise.
      const cid = await call.join('cid', SECRET);
      await expect
        .poll(() => cid.video('ann'))
        .toMatchObject({ shows: 'red', framesDecoded: atLeast(10) });
    });
  }

  test('who has another key sees nothing', async ({ call }) => {
    const ann = await call.join('ann', SECRET);
    const eve = await call.join('eve', { passphrase: 'a guess' });
    const bob = await call.join('bob', SECRET);
    await ann.publishPicture('red');
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'red' });
    expect(await eve.video('ann')).toMatchObject({ framesDecoded: 0, shows: 'nothing' });
  });
});
