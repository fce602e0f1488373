import { useEffect, useRef, useState } from 'react';
import type { VideoSource } from '../model/meeting';
import classes from './Tile.module.css';

export interface VideoSurfaceProps {
  source: VideoSource;
  /** A screen is shown whole, a face fills its tile. */
  fit: 'cover' | 'contain';
  mirrored: boolean;
  /** The connection is away: keep the last picture, dimmed. */
  frozen: boolean;
}

/** A playing picture that never goes blank while its connection comes back. */
export function VideoSurface({ source, fit, mirrored, frozen }: VideoSurfaceProps) {
  const video = useRef<HTMLVideoElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const [showStill, setShowStill] = useState(false);
  useEffect(() => {
    const element = video.current;
    return element ? source.attach(element) : undefined;
  }, [source]);
  useEffect(() => {
    if (frozen) setShowStill(keepFrame(video.current, still.current));
  }, [frozen]);
  return (
    <>
      <video
        ref={video}
        className={classes.video}
        data-fit={fit}
        data-mirrored={mirrored}
        autoPlay
        muted
        playsInline
        onTimeUpdate={() => {
          if (!frozen && showStill) setShowStill(false);
        }}
      />
      <canvas
        ref={still}
        className={classes.video}
        data-fit={fit}
        data-mirrored={mirrored}
        hidden={!showStill}
      />
    </>
  );
}

/** Copies the frame that is on the screen now; false when there is none yet. */
function keepFrame(video: HTMLVideoElement | null, canvas: HTMLCanvasElement | null): boolean {
  if (!video || !canvas || video.videoWidth === 0) return false;
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext('2d');
  context?.drawImage(video, 0, 0);
  return context !== null;
}
