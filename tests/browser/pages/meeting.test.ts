import { describe, expect, inject } from 'vitest';
import { roomService } from '../support/api.ts';
import { meetingTest as test } from '../support/meet.ts';

describe('a meeting in our pages', () => {
  test('two people see and hear each other', async ({ meeting }) => {
    const ann = await meeting.guest();
    await ann.visit('/');
    await ann.field('Your name').fill('Ann');
    await ann.button('New meeting').click();
    await ann.button('Join now').click();
    await ann.page.getByText('You are the only one here').waitFor();

    const bob = await meeting.guest();
    await bob.page.goto(ann.page.url());
    await bob.field('Your name').fill('Bob');
    await bob.button('Join now').click();
    await expect.poll(() => ann.plays('Bob')).toBe(true);
    await expect.poll(() => bob.plays('Ann')).toBe(true);
    await Promise.all([ann.expectToReceive(), bob.expectToReceive()]);
    expect(await ann.page.getByText('You are the only one here').count()).toBe(0);
  });

  test('what one writes the other reads, after being told of it', async ({ meeting }) => {
    const [ann, bob] = await Promise.all([meeting.join('Ann'), meeting.join('Bob')]);
    await ann.button('Open the chat').click();
    await ann.says('Xin chào, see https://example.com/?a=1');
    await bob.button('Open the chat. 1 unread message').click();
    await expect.poll(() => bob.messages()).toEqual(['Xin chào, see https://example.com/?a=1']);
    await bob.says('hello');
    await expect.poll(async () => (await ann.messages()).at(-1)).toBe('hello');
    const link = bob.page.getByRole('link', { name: 'https://example.com/?a=1' });
    expect(await link.getAttribute('rel')).toContain('noopener');
  });

  test('a shared screen is seen by the others until its owner stops', async ({ meeting }) => {
    const [ann, bob] = await Promise.all([meeting.join('Ann'), meeting.join('Bob')]);
    await ann.button('Share the screen').click();
    await ann.page.getByText('You are sharing your screen with sound').waitFor();
    await expect.poll(() => bob.plays('Screen of Ann')).toBe(true);
    await ann.button('Stop').click();
    await bob.tile('Screen of Ann').waitFor({ state: 'detached' });
    await ann.button('Share the screen').waitFor();
  });

  test('who is muted or without a camera is shown as such', async ({ meeting }) => {
    const [ann, bob] = await Promise.all([meeting.join('Ann'), meeting.join('Bob')]);
    await expect.poll(() => bob.plays('Ann')).toBe(true);
    await ann.button('Mute the microphone').click();
    await bob.tile('Ann, muted').waitFor();
    await ann.button('Switch the camera off').click();
    await bob.tile('Ann, muted').locator('video').waitFor({ state: 'detached' });
    await ann.button('Unmute the microphone').click();
    await ann.button('Switch the camera on').click();
    await expect.poll(() => bob.plays('Ann')).toBe(true);
    await bob.expectToReceive();
  });

  test('who leaves is gone for the others and may rejoin', async ({ meeting }) => {
    const [ann, bob] = await Promise.all([meeting.join('Ann'), meeting.join('Bob')]);
    await bob.tile('Ann').waitFor();
    await ann.button('Leave the meeting').click();
    await ann.page.getByText('You left the meeting').waitFor();
    await bob.page.getByText('You are the only one here').waitFor();
    await ann.button('Rejoin').click();
    await expect.poll(() => bob.plays('Ann')).toBe(true);
    await expect.poll(() => ann.plays('Bob')).toBe(true);
  });

  test('a meeting that is closed is over for everybody', async ({ meeting }) => {
    const ann = await meeting.join('Ann');
    const service = roomService(inject('server'));
    const tracks = async () => (await service.listParticipants(meeting.room))[0]?.tracks.length;
    await expect.poll(tracks).toBe(2);
    await service.deleteRoom(meeting.room);
    await ann.page.getByText('The meeting has ended').waitFor();
  });

  test('who is removed is told so', async ({ meeting }) => {
    const [ann, bob] = await Promise.all([meeting.join('Ann'), meeting.join('Bob')]);
    await bob.expectToReceive();
    const service = roomService(inject('server'));
    const people = await service.listParticipants(meeting.room);
    const identity = people.find((one) => one.name === 'Ann')?.identity ?? '';
    await service.removeParticipant(meeting.room, identity);
    await ann.page.getByText('You were removed from the meeting').waitFor();
    await bob.page.getByText('You are the only one here').waitFor();
  });

  for (const devices of ['refused', 'missing'] as const) {
    test(`devices that are ${devices} do not keep people out`, async ({ meeting }) => {
      const ann = await meeting.join('Ann');
      const bob = await meeting.guest({ devices });
      await bob.visit(`/meet/${meeting.room}`);
      await bob.page.getByRole('alert').waitFor();
      await bob.field('Your name').fill('Bob');
      await bob.button('Join without devices').click();
      await expect.poll(() => bob.plays('Ann')).toBe(true);
      await bob.expectToReceive();
      await ann.tile('Bob, muted').waitFor();
    });
  }

  test('the same meeting in a second tab moves there when asked', async ({ meeting }) => {
    const ann = await meeting.join('Ann');
    const second = await ann.page.context().newPage();
    await second.goto(ann.page.url());
    await second.getByRole('button', { name: 'Move it here' }).click();
    await second.getByRole('toolbar').waitFor();
    await ann.page.getByText('The meeting goes on in another tab').waitFor();
  });

  test('a code that cannot be one is refused in words', async ({ meeting }) => {
    const ann = await meeting.guest();
    await ann.visit('/');
    await ann.field('Code or link').fill('no such room!');
    await ann.button('Join').click();
    await ann.page.getByText('A code has only letters, digits').waitFor();
    await ann.visit('/meet/no%20such%20room');
    await ann.page.getByText('There is no such page').waitFor();
  });

  test('a script that the server did not send does not run', async ({ meeting }) => {
    const ann = await meeting.guest();
    await ann.visit('/');
    const ran = await ann.page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'document.title = "owned"';
      document.head.append(script);
      return document.title === 'owned';
    });
    expect(ran).toBe(false);
    expect((await ann.takeComplaints()).join()).toContain('the policy forbids inline');
  });
});
