import { useEffect, useRef } from 'react';
import { meterOf } from '../model/sound-level';
import { probeLoudness } from '../platform/audio';
import classes from './LevelMeter.module.css';

const BARS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
const FALL_PER_FRAME = 0.03;

interface LevelMeterProps {
  track: MediaStreamTrack | undefined;
  label: string;
}

/** How loud the microphone is. Drawn past React: sixty pictures a second are no state. */
export function LevelMeter({ track, label }: LevelMeterProps) {
  const meter = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!track) return undefined;
    const probe = probeLoudness(track);
    let shown = 0;
    let frame = 0;
    const draw = () => {
      const level = track.enabled ? meterOf(probe.read() ?? 0) : 0;
      shown = Math.max(level, shown - FALL_PER_FRAME);
      meter.current?.style.setProperty('--level', shown.toFixed(3));
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => {
      cancelAnimationFrame(frame);
      probe.close();
    };
  }, [track]);
  return (
    <div ref={meter} className={classes.meter} role="img" aria-label={label}>
      {BARS.map((bar) => (
        <span key={bar} className={classes.bar} style={{ '--bar': bar / BARS.length }} />
      ))}
    </div>
  );
}
