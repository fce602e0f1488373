import { useEffect, useRef } from 'react';
import classes from './Prejoin.module.css';

/** One's own camera, turned as a mirror does. */
export function CameraPreview({ track, label }: { track: MediaStreamTrack; label: string }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (!element) return undefined;
    element.srcObject = new MediaStream([track]);
    return () => {
      element.srcObject = null;
    };
  }, [track]);
  return (
    <video ref={video} className={classes.video} aria-label={label} autoPlay muted playsInline />
  );
}
