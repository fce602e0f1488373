import { act, render } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { VideoSurface } from './VideoSurface';

const source = { id: 'v', attach: () => () => {} };
let frames = 0;

beforeEach(() => {
  vi.useFakeTimers();
  frames = 100;
  const video = HTMLVideoElement.prototype;
  video.getVideoPlaybackQuality = () => ({ totalVideoFrames: frames }) as VideoPlaybackQuality;
  vi.spyOn(video, 'videoWidth', 'get').mockReturnValue(640);
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue({
    drawImage: vi.fn(),
  } as unknown as RenderingContext);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function surface(interrupted: boolean) {
  return <VideoSurface source={source} fit="cover" mirrored={false} interrupted={interrupted} />;
}

function isDimmed(container: HTMLElement): boolean {
  const canvas = container.querySelector('canvas');
  return canvas?.hidden === false && canvas.dataset.standing === 'true';
}

async function second(newFrames: number) {
  frames += newFrames;
  await act(() => vi.advanceTimersByTimeAsync(1000));
}

describe('VideoSurface', () => {
  it('dims the last frame when the picture stands still in an interruption', async () => {
    const { container, rerender } = render(surface(false));
    rerender(surface(true));
    expect(isDimmed(container)).toBe(false);
    await second(0);
    expect(isDimmed(container)).toBe(true);
  });

  it('leaves a picture alone that goes on while only the signalling is away', async () => {
    const { container } = render(surface(true));
    await second(25);
    await second(25);
    expect(isDimmed(container)).toBe(false);
  });

  it('keeps the last frame after the interruption until new frames come', async () => {
    const { container, rerender } = render(surface(true));
    await second(0);
    rerender(surface(false));
    await second(0);
    expect(isDimmed(container)).toBe(true);
    await second(5);
    expect(isDimmed(container)).toBe(false);
  });

  it('does not mind a still picture while the connection is good', async () => {
    const { container } = render(surface(false));
    await second(0);
    await second(0);
    expect(isDimmed(container)).toBe(false);
  });
});
