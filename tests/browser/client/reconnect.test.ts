import { describe, expect } from 'vitest';
import { type Client, callTest, MODES } from '../support/call.ts';
import { near } from '../support/matchers.ts';

describe.each(MODES)('coming back in %s mode', (mode) => {
  const test = callTest(mode);

  test('a lost signalling connection is resumed with new ICE credentials and media go on', async ({
    call,
  }) => {
    const [ann, bob] = await sendingPair(call);
    const sid = await ann.sid();
    await ann.simulate('signal-reconnect');
    await expect.poll(async () => (await ann.heard('reconnected')).length).toBe(1);
    await expectBoth(ann, bob);
    expect(await ann.sid()).toBe(sid);
    expect(await bob.heard('left')).toEqual([]);
  });

  test('a resume that breaks off becomes a full reconnect', async ({ call }) => {
    const [ann, bob] = await sendingPair(call);
    const sid = await ann.sid();
    await ann.simulate('resume-reconnect');
    await expect.poll(async () => (await ann.heard('reconnected')).length).toBe(1);
    await expectBoth(ann, bob);
    expect(await ann.sid()).not.toBe(sid);
    expect(await bob.people()).toEqual(['ann']);
  });

  test('a full reconnect brings both directions back', async ({ call }) => {
    const [ann, bob] = await sendingPair(call);
    await ann.simulate('full-reconnect');
    await expect.poll(async () => (await ann.heard('reconnected')).length).toBe(1);
    await expectBoth(ann, bob);
    expect(await bob.people()).toEqual(['ann']);
  });

  test('a session that the server lost is joined anew', async ({ call }) => {
    const [ann, bob] = await sendingPair(call);
    await ann.simulate('node-failure');
    await expect.poll(async () => (await ann.heard('reconnected')).length).toBe(1);
    await expectBoth(ann, bob);
  });

  test('a server that says goodbye is left', async ({ call }) => {
    const ann = await call.join('ann');
    await ann.simulate('server-leave');
    await expect
      .poll(() => ann.heard('disconnected'))
      .toMatchObject([{ detail: 'SERVER_SHUTDOWN' }]);
  });

  test('a message sent while the signalling is away arrives after', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await ann.send('before', true);
    await ann.simulate('signal-reconnect');
    await ann.send('during', true);
    await expect
      .poll(async () => (await bob.messages()).map((one) => one.text))
      .toEqual(['before', 'during']);
  });
});

async function sendingPair(call: { pair(): Promise<[Client, Client]> }): Promise<[Client, Client]> {
  const [ann, bob] = await call.pair();
  await Promise.all([ann.publishPicture('red'), ann.publishTone(440), bob.publishTone(880)]);
  await expectBoth(ann, bob);
  return [ann, bob];
}

async function expectBoth(ann: Client, bob: Client): Promise<void> {
  await expect.poll(() => ann.audio('bob')).toMatchObject({ hertz: near(880) });
  await expect.poll(() => bob.audio('ann')).toMatchObject({ hertz: near(440) });
  const before = (await bob.video('ann')).framesDecoded;
  await expect.poll(async () => (await bob.video('ann')).framesDecoded).toBeGreaterThan(before + 5);
  expect(await bob.video('ann')).toMatchObject({ shows: 'red' });
}
