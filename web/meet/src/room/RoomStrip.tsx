import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconCheck, IconLink } from '../ui/icons';
import { useCopyLink } from '../ui/use-copy-link';
import classes from './RoomStrip.module.css';

export interface RoomStripProps {
  room: string;
  startedAt: number;
}

/** At the left of the bar: which meeting it is, how to invite, and how long it has lasted. */
export function RoomStrip({ room, startedAt }: RoomStripProps) {
  const { t } = useTranslation();
  const { state, copy } = useCopyLink();
  const label = t(state === 'copied' ? 'prejoin.link_copied' : 'prejoin.copy_link');
  const Icon = state === 'copied' ? IconCheck : IconLink;
  return (
    <div className={classes.strip}>
      <button type="button" className={classes.copy} onClick={copy} title={label}>
        <Icon size={18} aria-hidden="true" />
        <span className={classes.room}>{room}</span>
        <span className="vis-hidden">{label}</span>
      </button>
      <Clock startedAt={startedAt} />
    </div>
  );
}

function Clock({ startedAt }: { startedAt: number }) {
  const { t } = useTranslation();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const time = durationOf(now - startedAt);
  return (
    <span className={classes.clock} role="img" aria-label={t('room.clock', { time })}>
      {time}
    </span>
  );
}

export function durationOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const tail = `${two(minutes % 60)}:${two(seconds % 60)}`;
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${tail}` : tail;
}
