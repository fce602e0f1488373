import { describe, expect } from 'vitest';
import { callTest, MODES } from '../support/call.ts';
import { atLeast } from '../support/matchers.ts';

const HD = { width: 1280, height: 720, fps: 15 };

const CODECS = [
  ['vp8', 'video/VP8'],
  ['h264', 'video/H264'],
  ['vp9', 'video/VP9'],
  ['av1', 'video/AV1'],
] as const;

const SCALABLE = [
  ['vp9', 'L3T3_KEY'],
  ['av1', 'L3T3_KEY'],
  ['av1', 'L3T3'],
] as const;

describe.each(MODES)('codecs in %s mode', (mode) => {
  const test = callTest(mode);

  for (const [codec, mimeType] of CODECS) {
    test(`a picture in ${codec} is decoded as such`, async ({ call }) => {
      const [ann, bob] = await call.pair();
      await ann.publishPicture('red', {}, { videoCodec: codec, backupCodec: false });
      await expect
        .poll(() => bob.video('ann'))
        .toMatchObject({
          shows: 'red',
          codec: mimeType,
          framesDecoded: atLeast(10),
        });
      expect((await bob.offered('ann', 'camera'))?.mimeType).toBe(mimeType.toLowerCase());
    });
  }

  test('who joins later decodes a scalable VP9 picture', async ({ call }) => {
    const ann = await call.join('ann');
    const options = { videoCodec: 'vp9', backupCodec: false, scalabilityMode: 'L3T3_KEY' } as const;
    await ann.publishPicture('blue', { width: 640, height: 360 }, options);
    const bob = await call.join('bob');
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'blue', width: 640 });
  });

  for (const [videoCodec, scalabilityMode] of SCALABLE) {
    test(`the layers of ${videoCodec} ${scalabilityMode} are told apart`, async ({ call }) => {
      const [ann, bob, cid] = await Promise.all([
        call.join('ann'),
        call.join('bob'),
        call.join('cid'),
      ]);
      const options = { videoCodec, backupCodec: false, scalabilityMode } as const;
      await ann.publishPicture('red', HD, options);
      await expect.poll(() => bob.video('ann')).toMatchObject({ width: 1280, shows: 'red' });
      await bob.quality('ann', 'low');
      await expect.poll(() => bob.video('ann')).toMatchObject({ width: 320, shows: 'red' });
      expect(await cid.video('ann')).toMatchObject({ width: 1280, shows: 'red' });
      await bob.quality('ann', 'medium');
      await expect.poll(() => bob.video('ann')).toMatchObject({ width: 640, shows: 'red' });
      const { framesDecoded } = await bob.video('ann');
      await bob.quality('ann', 'high');
      await expect
        .poll(() => bob.video('ann'))
        .toMatchObject({ width: 1280, framesDecoded: atLeast(framesDecoded + 15) });
    });
  }
});
