import { ConnectionQuality } from 'livekit-client';
import { describe, expect } from 'vitest';
import { callTest, MODES } from '../support/call.ts';

describe.each(MODES)('people in %s mode', (mode) => {
  const test = callTest(mode);

  test('name, metadata and attributes of the token are seen by the others', async ({ call }) => {
    const about = { name: 'Ann Example', metadata: 'guest', attributes: { seat: '7' } };
    await call.join('ann', about);
    const bob = await call.join('bob');
    await expect.poll(() => bob.person('ann')).toMatchObject(about);
  });

  test('a person changes name, metadata and attributes for all', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await ann.setName('Anna');
    await ann.setMetadata('host');
    await ann.setAttributes({ hand: 'up' });
    const changed = { name: 'Anna', metadata: 'host', attributes: { hand: 'up' } };
    await expect.poll(() => bob.person('ann')).toMatchObject(changed);
    expect(await ann.person()).toMatchObject(changed);
  });

  test('who makes a sound becomes a speaker, and ceases to be one when silent', async ({
    call,
  }) => {
    const [ann, bob] = await call.pair();
    await ann.publishTone(440);
    await expect.poll(() => bob.speakers()).toEqual(['ann']);
    await ann.mute('microphone', true);
    await expect.poll(() => bob.speakers()).toEqual([]);
  });

  test('a good connection is told as excellent', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await ann.publishTone(440);
    await expect
      .poll(() => bob.person('ann'))
      .toMatchObject({ quality: ConnectionQuality.Excellent });
    await expect.poll(() => ann.person()).toMatchObject({ quality: ConnectionQuality.Excellent });
  });

  test('who leaves is gone for the others at once', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await expect.poll(() => bob.people()).toEqual(['ann']);
    await ann.leave();
    await expect.poll(() => bob.people(), { timeout: 2000 }).toEqual([]);
    expect(await ann.heard('disconnected')).toMatchObject([{ detail: 'CLIENT_INITIATED' }]);
  });

  test('the same identity joins again and replaces the first', async ({ call }) => {
    const bob = await call.join('bob');
    const first = await call.join('ann');
    const second = await call.join('ann');
    await expect
      .poll(() => first.heard('disconnected'))
      .toMatchObject([{ detail: 'DUPLICATE_IDENTITY' }]);
    await second.publishPicture('green');
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'green' });
    expect(await bob.people()).toEqual(['ann']);
    expect(await second.state()).toBe('connected');
  });
});
