import { expect } from 'vitest';
import { callTest } from '../support/call.ts';
import { atLeast } from '../support/matchers.ts';

const test = callTest('dual');

for (const [videoCodec, name, mimeType] of [
  ['vp9', 'VP9', 'video/VP9'],
  ['av1', 'AV1', 'video/AV1'],
] as const) {
  test(`who lacks ${videoCodec} gets vp8, which is sent for their sake`, async ({ call }) => {
    const [ann, bob, cid] = await Promise.all([
      call.join('ann'),
      call.join('bob', { lacks: name }),
      call.join('cid'),
    ]);
    await ann.publishPicture('red', {}, { videoCodec, backupCodec: true, simulcast: true });
    await expect
      .poll(() => cid.video('ann'))
      .toMatchObject({ shows: 'red', codec: mimeType, framesDecoded: atLeast(10) });
    await expect
      .poll(() => bob.video('ann'))
      .toMatchObject({ shows: 'red', codec: 'video/VP8', framesDecoded: atLeast(10) });
    expect(await cid.video('ann')).toMatchObject({ codec: mimeType });
  });
}
