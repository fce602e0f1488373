import { describe, expect } from 'vitest';
import { callTest, MODES } from '../support/call.ts';
import { atLeast } from '../support/matchers.ts';

const ALL = { canPublish: true, canSubscribe: true, canPublishData: true };

describe.each(MODES)('rights in %s mode', (mode) => {
  const test = callTest(mode);

  test('who loses the right to publish loses the published tracks', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await ann.publishPicture('red');
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'red' });
    const permission = { ...ALL, canPublish: false };
    await call.service.updateParticipant(call.room, 'ann', { permission });
    await expect
      .poll(() => ann.heard('permissions'))
      .toMatchObject([{ detail: { canPublish: false } }]);
    await expect.poll(() => bob.offered('ann', 'camera')).toBeUndefined();
    expect(await ann.state()).toBe('connected');
  });

  test('who is given the right to subscribe sees what is there', async ({ call }) => {
    const ann = await call.join('ann');
    await ann.publishPicture('red');
    const bob = await call.join('bob', { video: { canSubscribe: false } });
    expect((await bob.video('ann')).framesDecoded).toBe(0);
    await call.service.updateParticipant(call.room, 'bob', { permission: ALL });
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'red' });
  });

  test('a publisher chooses who may see', async ({ call }) => {
    const [ann, bob] = await call.pair();
    const cid = await call.join('cid');
    await ann.publishPicture('red');
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'red' });
    await ann.allowSubscribers(['cid']);
    await expect.poll(() => bob.offered('ann', 'camera')).toMatchObject({ subscribed: false });
    await expect.poll(() => cid.video('ann')).toMatchObject({ shows: 'red' });
    await ann.allowSubscribers('everybody');
    await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'red' });
  });

  test('the room service mutes a track and its owner is told', async ({ call }) => {
    const [ann, bob] = await call.pair();
    const sid = await ann.publishTone(440);
    await expect.poll(() => bob.audio('ann')).toMatchObject({ energy: atLeast(0.001) });
    await call.service.mutePublishedTrack(call.room, 'ann', sid, true);
    await expect.poll(() => ann.published('microphone')).toMatchObject({ muted: true });
    await expect.poll(() => bob.offered('ann', 'microphone')).toMatchObject({ muted: true });
  });

  test('the room service removes a person', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await call.service.removeParticipant(call.room, 'ann');
    await expect
      .poll(() => ann.heard('disconnected'))
      .toMatchObject([{ detail: 'PARTICIPANT_REMOVED' }]);
    await expect.poll(() => bob.people()).toEqual([]);
  });

  test('a deleted room sends everybody home', async ({ call }) => {
    const [ann, bob] = await call.pair();
    await call.service.deleteRoom(call.room);
    for (const client of [ann, bob]) {
      await expect
        .poll(() => client.heard('disconnected'))
        .toMatchObject([{ detail: 'ROOM_DELETED' }]);
    }
  });

  test('data of the room service reaches the clients', async ({ call }) => {
    const [ann, bob] = await call.pair();
    const bytes = new TextEncoder().encode('from the server');
    await call.service.sendData(call.room, bytes, 0, { destinationIdentities: ['bob'] });
    await expect.poll(() => bob.messages()).toMatchObject([{ text: 'from the server' }]);
    expect(await ann.messages()).toEqual([]);
  });

  test('new metadata of the room reach the clients', async ({ call }) => {
    const ann = await call.join('ann');
    await call.service.updateRoomMetadata(call.room, 'topic: tests');
    await expect.poll(() => ann.heard('room_metadata')).toMatchObject([{ detail: 'topic: tests' }]);
  });
});
