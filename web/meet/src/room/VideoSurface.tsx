import { type RefObject, useEffect, useRef, useState } from 'react';
import type { VideoSource } from '../model/meeting';
import classes from './VideoSurface.module.css';

export interface VideoSurfaceProps {
  source: VideoSource;
  /** A screen is shown whole, a face fills its tile. */
  fit: 'cover' | 'contain';
  mirrored: boolean;
  /** The connection is away. The picture may go on all the same: signalling alone can fail. */
  interrupted: boolean;
}

/** A playing picture that is dimmed, and never blank, while it stands still. */
export function VideoSurface({ source, fit, mirrored, interrupted }: VideoSurfaceProps) {
  const video = useRef<HTMLVideoElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const standing = useStandstill(video, still, interrupted);
  useEffect(() => {
    const element = video.current;
    return element ? source.attach(element) : undefined;
  }, [source]);
  const look = { 'data-fit': fit, 'data-mirrored': mirrored, 'data-standing': standing };
  return (
    <>
      <video ref={video} className={classes.picture} {...look} autoPlay muted playsInline />
      <canvas ref={still} className={classes.picture} {...look} hidden={!standing} />
    </>
  );
}

const CHECK_MS = 1000;

/** From an interruption until frames flow again: watches the frames and keeps the last one. */
function useStandstill(
  video: RefObject<HTMLVideoElement | null>,
  still: RefObject<HTMLCanvasElement | null>,
  interrupted: boolean,
): boolean {
  const [standing, setStanding] = useState(false);
  const watching = interrupted || standing;
  useEffect(() => {
    if (!watching) return undefined;
    let frames = framesOf(video.current);
    let kept = keepFrame(video.current, still.current);
    const timer = setInterval(() => {
      const before = frames;
      frames = framesOf(video.current);
      if (frames !== before) kept = keepFrame(video.current, still.current);
      setStanding(kept && frames === before);
    }, CHECK_MS);
    return () => clearInterval(timer);
  }, [watching, video, still]);
  return standing;
}

function framesOf(video: HTMLVideoElement | null): number {
  return video?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
}

/** Copies the frame that is on the screen now; false when there is none. */
function keepFrame(video: HTMLVideoElement | null, canvas: HTMLCanvasElement | null): boolean {
  if (!video || !canvas || video.videoWidth === 0) return false;
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext('2d');
  context?.drawImage(video, 0, 0);
  return context !== null;
}
