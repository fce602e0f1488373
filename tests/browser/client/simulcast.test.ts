import { describe, expect } from 'vitest';
import { callTest, MODES } from '../support/call.ts';
import { atLeast } from '../support/matchers.ts';

const HD = { width: 1280, height: 720, fps: 10 };
const LAYERS = { simulcast: true } as const;

describe.each(MODES)('simulcast in %s mode', (mode) => {
  const test = callTest(mode);

  test('the picture has the size of the asked quality', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await ann.publishPicture('red', HD, LAYERS);
    await expect.poll(() => bob.video('ann')).toMatchObject({ width: 1280 });
    await bob.quality('ann', 'low');
    await expect.poll(() => bob.video('ann')).toMatchObject({ width: 320, shows: 'red' });
    await bob.quality('ann', 'medium');
    await expect.poll(() => bob.video('ann')).toMatchObject({ width: 640, shows: 'red' });
    await bob.quality('ann', 'high');
    await expect.poll(() => bob.video('ann')).toMatchObject({ width: 1280, shows: 'red' });
  });

  test('an adaptive stream follows the size of its element', async ({ call }) => {
    const [ann, bob] = await call.pair({ room: { adaptiveStream: true } });
    await ann.publishPicture('red', HD, LAYERS);
    await expect.poll(() => bob.video('ann')).toMatchObject({ width: 320 });
    await bob.resize('ann', 640, 360);
    await expect.poll(() => bob.video('ann')).toMatchObject({ width: 640 });
    await bob.resize('ann', 160, 90);
    await expect.poll(() => bob.video('ann')).toMatchObject({ width: 320 });
  });

  test('two people receive different layers of one picture', async ({ call }) => {
    const [ann, bob, cid] = await Promise.all([
      call.join('ann'),
      call.join('bob'),
      call.join('cid'),
    ]);
    await ann.publishPicture('green', HD, LAYERS);
    await expect.poll(() => bob.video('ann')).toMatchObject({ width: 1280 });
    await cid.quality('ann', 'low');
    await expect
      .poll(() => cid.video('ann'))
      .toMatchObject({ width: 320, framesDecoded: atLeast(10) });
    expect(await bob.video('ann')).toMatchObject({ width: 1280 });
  });

  test('layers that nobody watches are not encoded', async ({ call }) => {
    const [ann, bob] = await call.pair({ room: { dynacast: true } });
    await ann.publishPicture('red', HD, LAYERS);
    await expect.poll(() => bob.video('ann')).toMatchObject({ width: 1280 });
    await bob.quality('ann', 'low');
    const active = async () => {
      const layers = (await ann.sending('camera')).filter((layer) => layer.active);
      return layers.map((layer) => layer.rid).sort();
    };
    await expect.poll(active).toEqual(['q']);
    await bob.quality('ann', 'high');
    await expect.poll(active).toContain('f');
    await expect.poll(() => bob.video('ann')).toMatchObject({ width: 1280 });
  });
});
