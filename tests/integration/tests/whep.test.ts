import { describe, expect, it } from 'vitest';

import { sectionsOf } from '../support/sdp.js';
import { expectCreated, playerOffer, useStudio } from '../support/studio.js';
import { joinToken } from '../support/tokens.js';
import { attribute, freshIce, OFFERED_ICE, post, problem } from '../support/whip.js';

const studio = useStudio();

describe('a WHEP session', () => {
  it('is created by an offer that receives, and answered with what is sent', async () => {
    await studio.publish();
    const session = await studio.play();
    expectCreated(session, `/whep/${studio.room}`);
    expect(session.created.headers.get('link')).toContain(
      `<${session.location}/layer>; rel="urn:ietf:params:whep:ext:core:layer"`,
    );
    for (const section of sectionsOf(session.answer)) {
      expect(section).toContain('a=sendonly');
      expect(section.some((line) => /^a=ssrc:\d+ cname:/.test(line))).toBe(true);
    }
    expect(attribute(session.answer, 'candidate')).toMatch(/ typ host/);
  });

  it('takes sections that would send as well', async () => {
    await studio.publish();
    const session = await studio.play('', playerOffer('sendrecv'));
    expect(session.status).toBe(201);
    for (const section of sectionsOf(session.answer)) expect(section).toContain('a=sendonly');
  });

  it('is no person: hidden, not counted, and many may share a token', async () => {
    await studio.publish();
    const sessions = [await studio.play(), await studio.play()];
    expect(sessions.map(({ status }) => status)).toEqual([201, 201]);
    expect((await studio.service.listRooms([studio.room]))[0]?.numParticipants).toBe(1);
    const hidden = (await studio.service.listParticipants(studio.room)).filter(
      (each) => each.permission?.hidden,
    );
    expect(hidden).toHaveLength(2);
    for (const each of hidden) expect(each.identity).toMatch(/^screen#whep-/);
  });

  it('ends by DELETE, or when an administrator removes it', async () => {
    await studio.publish();
    const first = await studio.play();
    expect((await first.end()).status).toBe(200);
    expect(await studio.people()).toEqual(['obs']);
    const second = await studio.play();
    const identity = (await studio.people()).find((each) => each !== 'obs') ?? '';
    await studio.service.removeParticipant(studio.room, identity);
    expect((await second.end()).status).toBe(404);
  });

  it('restarts ICE, and takes candidates with and without If-Match', async () => {
    await studio.publish();
    const session = await studio.play();
    const trickle = `${OFFERED_ICE}a=end-of-candidates\r\n`;
    expect((await session.patch(trickle)).status).toBe(204);
    expect((await session.patch(trickle, { 'If-Match': undefined })).status).toBe(204);
    expect((await session.patch(freshIce(), { 'If-Match': undefined })).status).toBe(428);
    const restarted = await session.patch(freshIce(), { 'If-Match': '*' });
    expect(restarted.status).toBe(200);
    expect(restarted.headers.get('etag')).not.toBe(session.etag);
    expect((await session.patch(trickle)).status).toBe(412);
  });

  it('has a layer that can be asked for', async () => {
    await studio.publish();
    const session = await studio.play('?quality=low');
    const layer = (method: string, body?: object, type = 'application/json') =>
      studio.server.fetch(`${session.location}/layer`, {
        method,
        headers: {
          'Content-Type': type,
          Authorization: `Bearer ${session.bearer}`,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    const selected = async (response: Response) =>
      ((await response.json()) as { encodingId: string }).encodingId;
    expect(await selected(await layer('GET'))).toBe('low');
    expect(await selected(await layer('POST', { encodingId: 'medium' }))).toBe('medium');
    expect(await selected(await layer('DELETE'))).toBe('high');
    expect((await layer('POST', { encodingId: 'best' })).status).toBe(400);
    expect((await layer('POST', { encodingId: 'low' }, 'text/plain')).status).toBe(415);
    const anybody = await studio.server.fetch(`${session.location}/layer`);
    expect(anybody.status).toBe(401);
  });
});

describe('a player is refused', () => {
  it.each([
    ['before anybody publishes in its room', ''],
    ['before its participant publishes', '?participant=nobody'],
  ])('%s, and told when to come again', async (_, query) => {
    if (query !== '') await studio.publish();
    const session = await studio.play(query);
    expect(session.status).toBe(409);
    expect(session.created.headers.get('retry-after')).toBe('2');
    expect(JSON.parse(session.answer)).toMatchObject({ code: 'failed_precondition' });
  });

  it('without the right to subscribe, or with a token for another room', async () => {
    await studio.publish();
    const mute = await joinToken(studio.room, 'screen', { grant: { canSubscribe: false } });
    expect((await post(studio.server, `/whep/${studio.room}`, mute, playerOffer())).status).toBe(
      403,
    );
    const other = await joinToken('other', 'screen');
    expect((await post(studio.server, `/whep/${studio.room}`, other, playerOffer())).status).toBe(
      403,
    );
    const none = await post(studio.server, `/whep/${studio.room}`, undefined, playerOffer());
    expect(none.status).toBe(401);
    expect(await problem(none)).toBe('unauthenticated');
  });

  it.each([
    ['that sends', playerOffer('sendonly'), 422],
    ['without a codec of ours', playerOffer().replaceAll('opus/', 'speex/'), 422],
    ['that is none', 'hello', 400],
  ])('with an offer %s', async (_, offer, status) => {
    await studio.publish();
    expect((await studio.play('', offer)).status).toBe(status);
  });

  it('with a quality that is none', async () => {
    await studio.publish();
    expect((await studio.play('?quality=best')).status).toBe(400);
  });
});
