import { describe, expect } from 'vitest';
import { callTest, MODES } from '../support/call.ts';

describe.each(MODES)('media in %s mode', (mode) => {
  const test = callTest(mode);

  test('each decodes the picture of the other', async ({ call }) => {
    const [ann, bob] = await Promise.all([call.join('ann'), call.join('bob')]);
    await Promise.all([ann.publishPicture('red'), bob.publishPicture('blue')]);
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'red', width: 320 });
    await expect.poll(() => ann.video('bob')).toMatchObject({ shows: 'blue', width: 320 });
    const before = (await bob.video('ann')).framesDecoded;
    await expect
      .poll(async () => (await bob.video('ann')).framesDecoded)
      .toBeGreaterThan(before + 15);
  });

  test('each hears the tone of the other', async ({ call }) => {
    const [ann, bob] = await Promise.all([call.join('ann'), call.join('bob')]);
    await Promise.all([ann.publishTone(440), bob.publishTone(880)]);
    await expect.poll(async () => (await bob.audio('ann')).hertz).toSatisfy(near(440));
    await expect.poll(async () => (await ann.audio('bob')).hertz).toSatisfy(near(880));
    await expect.poll(async () => (await bob.audio('ann')).energy).toBeGreaterThan(0);
  });
});

function near(hertz: number) {
  return (heard: number) => Math.abs(heard - hertz) < 15;
}
