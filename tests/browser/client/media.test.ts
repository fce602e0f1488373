import { describe, expect } from 'vitest';
import { type Client, callTest, MODES } from '../support/call.ts';
import { atLeast, near } from '../support/matchers.ts';

describe.each(MODES)('media in %s mode', (mode) => {
  const test = callTest(mode);

  test('each decodes the picture of the other', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await Promise.all([ann.publishPicture('red'), bob.publishPicture('blue')]);
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'red', width: 320 });
    await expect.poll(() => ann.video('bob')).toMatchObject({ shows: 'blue', width: 320 });
    await expectMoving(bob, 'ann');
  });

  test('each hears the tone of the other', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await Promise.all([ann.publishTone(440), bob.publishTone(880)]);
    await expect.poll(() => bob.audio('ann')).toMatchObject({ hertz: near(440) });
    await expect.poll(() => ann.audio('bob')).toMatchObject({ hertz: near(880) });
    await expect.poll(async () => (await bob.audio('ann')).energy).toBeGreaterThan(0);
  });

  test('the camera and the microphone of the browser arrive', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await Promise.all([ann.useCamera(true), ann.useMicrophone(true)]);
    await expectMoving(bob, 'ann');
    await expect.poll(async () => (await bob.audio('ann')).energy).toBeGreaterThan(0);
  });

  test('who joins later sees and hears who is there', async ({ call }) => {
    const ann = await call.join('ann');
    await Promise.all([ann.publishPicture('green'), ann.publishTone(660)]);
    const bob = await call.join('bob');
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'green' });
    await expect.poll(() => bob.audio('ann')).toMatchObject({ hertz: near(660) });
  });

  test('what is published in the moment of joining arrives', async ({ call }) => {
    const bob = await call.join('bob');
    const ann = await call.open('ann');
    await ann.joinPublishing(await call.ticket('ann'), 'red', 440);
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'red' });
    await expect.poll(() => bob.audio('ann')).toMatchObject({ hertz: near(440) });
  });

  test('a muted microphone is silent for the others and heard again after', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await ann.publishTone(440);
    await expect.poll(() => bob.audio('ann')).toMatchObject({ hertz: near(440) });
    await ann.mute('microphone', true);
    await expect.poll(() => bob.offered('ann', 'microphone')).toMatchObject({ muted: true });
    await expect.poll(() => bob.audio('ann')).toMatchObject({ hertz: 0 });
    await ann.mute('microphone', false);
    await expect.poll(() => bob.offered('ann', 'microphone')).toMatchObject({ muted: false });
    await expect.poll(() => bob.audio('ann')).toMatchObject({ hertz: near(440) });
  });

  test('a camera that was switched off and on again is seen again', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await ann.publishPicture('red');
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'red' });
    await ann.mute('camera', true);
    await expect.poll(() => bob.offered('ann', 'camera')).toMatchObject({ muted: true });
    await ann.mute('camera', false);
    await expect.poll(() => bob.offered('ann', 'camera')).toMatchObject({ muted: false });
    await expectMoving(bob, 'ann');
  });

  test('nothing arrives while one is unsubscribed', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await ann.publishPicture('red');
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'red' });
    await bob.subscribe('ann', 'camera', false);
    await expect.poll(() => bob.offered('ann', 'camera')).toMatchObject({ subscribed: false });
    await bob.subscribe('ann', 'camera', true);
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'red' });
    await expectMoving(bob, 'ann');
  });

  test('without automatic subscription only what is asked for arrives', async ({ call }) => {
    const ann = await call.join('ann');
    const bob = await call.join('bob', { autoSubscribe: false });
    await Promise.all([ann.publishPicture('red'), ann.publishTone(440)]);
    await expect.poll(() => bob.offered('ann', 'camera')).toMatchObject({ subscribed: false });
    await bob.subscribe('ann', 'microphone', true);
    await expect.poll(() => bob.audio('ann')).toMatchObject({ hertz: near(440) });
    expect(await bob.offered('ann', 'camera')).toMatchObject({ subscribed: false });
  });

  test('a track that was taken back can be published again', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await ann.publishPicture('red');
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'red' });
    await ann.unpublish('camera');
    await expect.poll(() => bob.offered('ann', 'camera')).toBeUndefined();
    await ann.publishPicture('green');
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'green' });
  });

  test('a shared screen arrives with its sound', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await ann.shareScreen(true);
    await expect
      .poll(() => bob.video('ann', 'screen'))
      .toMatchObject({ framesDecoded: atLeast(1) });
    await expect.poll(async () => (await bob.audio('ann', 'screen_sound')).sid).not.toBe('');
    await ann.shareScreen(false);
    await expect.poll(() => bob.offered('ann', 'screen')).toBeUndefined();
  });

  test('five people all see and hear each other', async ({ call }) => {
    const names = ['ann', 'bob', 'cid', 'dan', 'eve'];
    const hertz = [330, 440, 550, 660, 770];
    const clients = await Promise.all(names.map((name) => call.join(name)));
    const small = { width: 160, height: 90, fps: 8 };
    await Promise.all(
      clients.map((client, i) =>
        Promise.all([client.publishPicture('green', small), client.publishTone(hertz[i] ?? 0)]),
      ),
    );
    for (const [i, client] of clients.entries()) {
      for (const [j, name] of names.entries()) {
        if (i === j) continue;
        await expect.poll(() => client.video(name)).toMatchObject({ shows: 'green' });
        await expect.poll(() => client.audio(name)).toMatchObject({ hertz: near(hertz[j] ?? 0) });
      }
    }
  });
});

async function expectMoving(client: Client, identity: string): Promise<void> {
  const before = (await client.video(identity)).framesDecoded;
  await expect
    .poll(async () => (await client.video(identity)).framesDecoded)
    .toBeGreaterThan(before + 10);
}
