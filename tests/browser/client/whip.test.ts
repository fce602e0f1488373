import { describe, expect } from 'vitest';
import type { Library } from '../page/broadcast.ts';
import { callTest } from '../support/call.ts';
import { atLeast, near } from '../support/matchers.ts';

const test = callTest('single');
const LIBRARIES: Library[] = ['none', 'medooze', 'eyevinn'];
const HD = { width: 1280, height: 720, fps: 10 };

describe.each(LIBRARIES)('a page that publishes over WHIP with the library: %s', (library) => {
  test('is seen and heard by LiveKit clients until it ends', async ({ call }) => {
    const [ann, studio] = await Promise.all([call.join('ann'), call.caster('studio')]);
    const to = await call.endpoint('whip', 'studio', '', { name: 'Studio' });
    await studio.publish({ ...to, library, colour: 'red', hertz: 440 });
    await expect.poll(() => ann.person('studio')).toMatchObject({ name: 'Studio' });
    await expect
      .poll(() => ann.video('studio'))
      .toMatchObject({ shows: 'red', framesDecoded: atLeast(10) });
    await expect.poll(() => ann.audio('studio')).toMatchObject({ hertz: near(440) });
    await studio.stop();
    await expect.poll(() => ann.people()).toEqual([]);
  });
});

describe('a WHIP publisher', () => {
  test('is seen by who joins later', async ({ call }) => {
    const studio = await call.caster('studio');
    const to = await call.endpoint('whip', 'studio');
    await studio.publish({ ...to, library: 'none', colour: 'green', hertz: 440 });
    const ann = await call.join('ann');
    await expect.poll(() => ann.video('studio')).toMatchObject({ shows: 'green' });
  });

  test('keeps sending over a restart of ICE', async ({ call }) => {
    const [ann, studio] = await Promise.all([call.join('ann'), call.caster('studio')]);
    const to = await call.endpoint('whip', 'studio');
    await studio.publish({ ...to, library: 'none', colour: 'red', hertz: 440 });
    await expect.poll(() => ann.video('studio')).toMatchObject({ shows: 'red' });
    const before = await studio.ice();
    await studio.restart();
    const after = await studio.ice();
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
    const { framesDecoded } = await ann.video('studio');
    await expect
      .poll(() => ann.video('studio'))
      .toMatchObject({ framesDecoded: atLeast(framesDecoded + 30), shows: 'red' });
    expect(await studio.state()).toBe('connected');
    expect(await ann.heard('left')).toEqual([]);
  });

  // Browsers name the largest layer first or last, as the page likes.
  test.for([
    ['q h f', ['q', 'h', 'f'], [4, 2, 1]],
    ['h m l', ['h', 'm', 'l'], [1, 2, 4]],
    ['low mid high', ['low', 'mid', 'high'], [4, 2, 1]],
  ] as const)('has the layers of its simulcast: %s', async ([, rids, scales], { call }) => {
    const [ann, studio] = await Promise.all([call.join('ann'), call.caster('studio')]);
    const to = await call.endpoint('whip', 'studio');
    const layers = rids.map((rid, index) => ({ rid, scale: scales[index] ?? 1 }));
    const picture = { colour: 'red', hertz: 440, picture: HD, layers } as const;
    await studio.publish({ ...to, library: 'none', ...picture, layers });
    await expect.poll(() => ann.video('studio')).toMatchObject({ width: 1280 });
    await ann.quality('studio', 'low');
    await expect.poll(() => ann.video('studio')).toMatchObject({ width: 320, shows: 'red' });
    await ann.quality('studio', 'medium');
    await expect.poll(() => ann.video('studio')).toMatchObject({ width: 640 });
    await ann.quality('studio', 'high');
    await expect.poll(() => ann.video('studio')).toMatchObject({ width: 1280 });
  });
});

describe.each(['none', 'medooze'] as const)(
  'a page that plays over WHEP with the library: %s',
  (library) => {
    test('sees and hears a LiveKit client, and is not seen itself', async ({ call }) => {
      const [ann, screen] = await Promise.all([call.join('ann'), call.caster('screen')]);
      await Promise.all([ann.publishPicture('blue'), ann.publishTone(660)]);
      await screen.play(await call.endpoint('whep', 'screen', '?participant=ann'), library);
      await expect
        .poll(() => screen.view())
        .toMatchObject({ shows: 'blue', frames: atLeast(10), hertz: near(660) });
      expect(await ann.people()).toEqual([]);
      await screen.stop();
    });
  },
);

describe('a WHEP player', () => {
  test('plays what is published over WHIP', async ({ call }) => {
    const [studio, screen] = await Promise.all([call.caster('studio'), call.caster('screen')]);
    const to = await call.endpoint('whip', 'studio');
    await studio.publish({ ...to, library: 'none', colour: 'red', hertz: 440 });
    await screen.play(await call.endpoint('whep', 'screen'));
    await expect.poll(() => screen.view()).toMatchObject({ shows: 'red', hertz: near(440) });
  });

  test('shares its token with other players', async ({ call }) => {
    const [ann, one, two] = await Promise.all([
      call.join('ann'),
      call.caster('one'),
      call.caster('two'),
    ]);
    await ann.publishPicture('green');
    const from = await call.endpoint('whep', 'screen');
    await Promise.all([one.play(from), two.play(from)]);
    await expect.poll(() => one.view()).toMatchObject({ shows: 'green' });
    await expect.poll(() => two.view()).toMatchObject({ shows: 'green' });
  });

  test('goes on with the same session when its participant publishes anew', async ({ call }) => {
    const [ann, screen] = await Promise.all([call.join('ann'), call.caster('screen')]);
    await Promise.all([ann.publishPicture('blue'), ann.publishTone(660)]);
    await screen.play(await call.endpoint('whep', 'screen', '?participant=ann'));
    await expect.poll(() => screen.view()).toMatchObject({ shows: 'blue', hertz: near(660) });
    await Promise.all([ann.unpublish('camera'), ann.unpublish('microphone')]);
    await ann.publishPicture('red');
    await ann.publishTone(880);
    await expect.poll(() => screen.view()).toMatchObject({ shows: 'red', hertz: near(880) });
  });

  test('follows the active speaker', async ({ call }) => {
    const [ann, bob, screen] = await Promise.all([
      call.join('ann'),
      call.join('bob'),
      call.caster('screen'),
    ]);
    await ann.publishPicture('red');
    await ann.publishTone(440);
    await screen.play(await call.endpoint('whep', 'screen'));
    await expect.poll(() => screen.view()).toMatchObject({ shows: 'red', hertz: near(440) });
    await ann.mute('microphone', true);
    await bob.publishPicture('blue');
    await bob.publishTone(880);
    await expect.poll(() => screen.view()).toMatchObject({ shows: 'blue', hertz: near(880) });
    await bob.mute('microphone', true);
    await ann.mute('microphone', false);
    await expect.poll(() => screen.view()).toMatchObject({ shows: 'red', hertz: near(440) });
    expect((await screen.view()).lost).toBe(0);
  });

  test('follows from one codec to another', async ({ call }) => {
    const [ann, bob, screen] = await Promise.all([
      call.join('ann'),
      call.join('bob'),
      call.caster('screen'),
    ]);
    await ann.publishPicture('red', {}, { videoCodec: 'vp8' });
    await screen.play(await call.endpoint('whep', 'screen'));
    await expect.poll(() => screen.view()).toMatchObject({ shows: 'red' });
    await bob.publishPicture('green', {}, { videoCodec: 'vp9', backupCodec: false });
    await ann.leave();
    await expect.poll(() => screen.view()).toMatchObject({ shows: 'green' });
  });

  test('has the layer that it asks for', async ({ call }) => {
    const [ann, screen] = await Promise.all([call.join('ann'), call.caster('screen')]);
    await ann.publishPicture('red', HD, { simulcast: true });
    const from = await call.endpoint('whep', 'screen', '?participant=ann&quality=low');
    await screen.play(from);
    await expect.poll(() => screen.view()).toMatchObject({ width: 320, shows: 'red' });
    await screen.layer('high');
    await expect.poll(() => screen.view()).toMatchObject({ width: 1280, shows: 'red' });
    await screen.layer('medium');
    await expect.poll(() => screen.view()).toMatchObject({ width: 640, shows: 'red' });
  });

  test('keeps playing over a restart of ICE', async ({ call }) => {
    const [ann, screen] = await Promise.all([call.join('ann'), call.caster('screen')]);
    await ann.publishPicture('blue');
    await screen.play(await call.endpoint('whep', 'screen'), 'none');
    await expect.poll(() => screen.view()).toMatchObject({ shows: 'blue' });
    await screen.restart();
    const { frames } = await screen.view();
    await expect
      .poll(() => screen.view())
      .toMatchObject({ frames: atLeast(frames + 30), state: 'connected' });
  });
});
