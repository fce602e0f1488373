import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeMediaPort, FakeTrack, grantAll } from '../testing/fake-media';
import { LocalMedia, PROMPT_PATIENCE_MS } from './local-media';

function open(port = new FakeMediaPort(), change = {}) {
  const wishes: Record<string, string | undefined> = {};
  const media = new LocalMedia({
    port,
    wishOf: (kind) => ({ deviceId: wishes[kind] }),
    microphoneOn: true,
    cameraOn: true,
    ...change,
  });
  return { media, port, wishes };
}

function deviceOf(track: MediaStreamTrack | undefined): string | undefined {
  return track?.getSettings().deviceId;
}

describe('LocalMedia', () => {
  it('opens what is remembered as on', async () => {
    const { media, port } = open(undefined, { cameraOn: false });
    await media.start();
    expect(media.state.audio.track?.enabled).toBe(true);
    expect(media.state.video.track).toBeUndefined();
    expect(port.asked).toHaveLength(1);
    expect(port.asked[0]?.video).toBeUndefined();
  });

  it('mutes the microphone without closing it', async () => {
    const { media } = open();
    await media.start();
    await media.toggle('audio');
    expect(media.state.audio).toMatchObject({ on: false });
    expect(media.state.audio.track).toMatchObject({ enabled: false, readyState: 'live' });
    await media.toggle('audio');
    expect(media.state.audio.track?.enabled).toBe(true);
  });

  it('puts out the light of a camera that is switched off', async () => {
    const { media, port } = open();
    await media.start();
    const camera = media.state.video.track;
    await media.toggle('video');
    expect(camera?.readyState).toBe('ended');
    expect(media.state.video.track).toBeUndefined();
    await media.toggle('video');
    expect(media.state.video.track?.readyState).toBe('live');
    expect(port.asked).toHaveLength(2);
  });

  it('takes another device', async () => {
    const { media, wishes } = open();
    await media.start();
    const before = media.state.audio.track;
    wishes.audio = 'headset';
    await media.reopen('audio');
    expect(before?.readyState).toBe('ended');
    expect(deviceOf(media.state.audio.track)).toBe('headset');
  });

  it('moves to the default device when the chosen one is pulled out', async () => {
    const { media, wishes } = open();
    wishes.audio = 'headset';
    await media.start();
    (media.state.audio.track as unknown as FakeTrack).unplug();
    await vi.waitFor(() => expect(deviceOf(media.state.audio.track)).toBe('audio-default'));
  });

  it('hands the tracks over alive', async () => {
    const { media } = open();
    await media.start();
    await media.toggle('audio');
    const handover = media.handOver();
    expect(handover).toMatchObject({ microphoneOn: false, cameraOn: true });
    media.stop();
    expect(handover.audio?.readyState).toBe('live');
    expect(handover.video?.readyState).toBe('live');
  });

  it('says nothing is on when nothing could be had', async () => {
    const { media } = open(new FakeMediaPort(() => ({ name: 'NotAllowedError' })));
    await media.start();
    expect(media.state.audio.problem).toBe('blocked');
    expect(media.handOver()).toEqual({
      audio: undefined,
      video: undefined,
      microphoneOn: false,
      cameraOn: false,
    });
  });

  it('takes a device that was plugged in later, and leaves the blocked one alone', async () => {
    const { media, port } = open(
      new FakeMediaPort((wanted) => ({ name: wanted.audio ? 'NotFoundError' : 'NotAllowedError' })),
    );
    await media.start();
    expect(media.state.audio.problem).toBe('missing');
    expect(media.state.video.problem).toBe('blocked');
    port.answer = grantAll;
    await media.retry('missing');
    expect(media.state.audio).toMatchObject({ problem: undefined, track: { readyState: 'live' } });
    expect(media.state.video.problem).toBe('blocked');
  });

  it('stops what arrives after the page was left', async () => {
    let grant = (_tracks: FakeTrack[]) => {};
    const port = new FakeMediaPort(() => new Promise<FakeTrack[]>((resolve) => (grant = resolve)));
    const { media } = open(port);
    const starting = media.start();
    media.stop();
    const late = [new FakeTrack('audio'), new FakeTrack('video')];
    grant(late);
    await starting;
    expect(late.map((track) => track.readyState)).toEqual(['ended', 'ended']);
  });

  it('stops a camera that arrives after it was switched off', async () => {
    let grant = (_tracks: FakeTrack[]) => {};
    const port = new FakeMediaPort(() => new Promise<FakeTrack[]>((resolve) => (grant = resolve)));
    const { media } = open(port);
    const starting = media.start();
    await media.toggle('video');
    const tracks = [new FakeTrack('audio'), new FakeTrack('video')];
    grant(tracks);
    await starting;
    expect(tracks.map((track) => track.readyState)).toEqual(['live', 'ended']);
  });
});

describe('a prompt that nobody answers', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('brings help after some seconds, until the answer comes', async () => {
    let answer = () => {};
    const port = new FakeMediaPort(
      (wanted) =>
        new Promise<FakeTrack[]>((resolve) => {
          answer = () => resolve(grantAll(wanted));
        }),
    );
    const { media } = open(port);
    const starting = media.start();
    await vi.advanceTimersByTimeAsync(PROMPT_PATIENCE_MS - 1);
    expect(media.state).toMatchObject({ asking: true, unanswered: false });
    await vi.advanceTimersByTimeAsync(1);
    expect(media.state.unanswered).toBe(true);
    answer();
    await starting;
    expect(media.state).toMatchObject({ asking: false, unanswered: false });
  });
});
