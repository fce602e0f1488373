import { describe, expect, it } from 'vitest';
import { FakeMediaPort, FakeTrack } from '../testing/fake-media';
import { acquire } from './acquire';

const BOTH = { audio: {}, video: {} };

describe('acquire', () => {
  it('asks once for both', async () => {
    const port = new FakeMediaPort();
    const { tracks, problems } = await acquire(port, BOTH);
    expect(port.asked).toHaveLength(1);
    expect(Object.keys(tracks)).toEqual(['audio', 'video']);
    expect(problems).toEqual({});
  });

  it('asks nothing when nothing is wanted', async () => {
    const port = new FakeMediaPort();
    expect(await acquire(port, {})).toEqual({ tracks: {}, problems: {} });
    expect(port.asked).toHaveLength(0);
  });

  it('prefers the chosen device without insisting', async () => {
    const port = new FakeMediaPort();
    await acquire(port, { audio: { deviceId: 'headset' } });
    expect(port.asked[0]?.audio).toMatchObject({ deviceId: { ideal: 'headset' } });
  });

  it('keeps the voice when there is no camera', async () => {
    const port = new FakeMediaPort((wanted) =>
      wanted.video ? { name: 'NotFoundError' } : [new FakeTrack('audio')],
    );
    const { tracks, problems } = await acquire(port, BOTH);
    expect(tracks.audio).toBeDefined();
    expect(problems).toEqual({ video: 'missing' });
  });

  it('keeps the picture when another program holds the microphone', async () => {
    const port = new FakeMediaPort((wanted) =>
      wanted.audio ? { name: 'NotReadableError' } : [new FakeTrack('video')],
    );
    const { tracks, problems } = await acquire(port, BOTH);
    expect(tracks.video).toBeDefined();
    expect(problems).toEqual({ audio: 'busy' });
  });

  it('does not ask again after a no', async () => {
    const port = new FakeMediaPort(() => ({ name: 'NotAllowedError' }));
    const { problems } = await acquire(port, BOTH);
    expect(problems).toEqual({ audio: 'blocked', video: 'blocked' });
    expect(port.asked).toHaveLength(1);
  });

  it('uses the permission for one when only the other is blocked', async () => {
    const port = new FakeMediaPort((wanted) =>
      wanted.video ? { name: 'NotAllowedError' } : [new FakeTrack('audio')],
    );
    port.permissions = { audio: 'prompt', video: 'denied' };
    const { tracks, problems } = await acquire(port, BOTH);
    expect(tracks.audio).toBeDefined();
    expect(problems).toEqual({ video: 'blocked' });
  });

  it('asks for less when the wishes cannot be met', async () => {
    const port = new FakeMediaPort((wanted) =>
      JSON.stringify(wanted).includes('old-camera')
        ? { name: 'OverconstrainedError' }
        : [new FakeTrack('video')],
    );
    const { tracks } = await acquire(port, { video: { deviceId: 'old-camera' } });
    expect(tracks.video).toBeDefined();
    expect(port.asked).toHaveLength(2);
  });

  it('names the problem of a single wish', async () => {
    const port = new FakeMediaPort(() => ({ name: 'NotReadableError' }));
    expect((await acquire(port, { video: {} })).problems).toEqual({ video: 'busy' });
    expect(port.asked).toHaveLength(1);
  });
});
