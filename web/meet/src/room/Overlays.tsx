/** What lies over the pictures for a while: the connection, the own screen, sound held back, being alone. */

import { Button, Loader } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CopyLink } from '../ui/CopyLink';
import { IconScreenShare, IconVolume } from '../ui/icons';
import classes from './Overlays.module.css';

export function ReconnectBanner({ tries }: { tries: number }) {
  const { t } = useTranslation();
  return (
    <div className={classes.banner} role="alert">
      <Loader size={18} color="currentColor" />
      <span>
        <strong>{t('connection.reconnecting', { tries })}</strong> {t('connection.hold_on')}
      </span>
    </div>
  );
}

export interface ShareBarProps {
  withSound: boolean;
  onStop: () => void;
}

export function ShareBar({ withSound, onStop }: ShareBarProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.share} role="status">
      <IconScreenShare size={20} aria-hidden="true" />
      <strong>{t(withSound ? 'room.sharing_with_sound' : 'room.sharing_title')}</strong>
      <Button size="xs" color="dark" variant="white" onClick={onStop}>
        {t('room.sharing_stop')}
      </Button>
    </div>
  );
}

export function TapToHear({ onTap }: { onTap: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.veil}>
      <Button size="xl" radius="xl" leftSection={<IconVolume />} onClick={onTap} autoFocus>
        {t('room.tap_to_hear')}
      </Button>
      <p>{t('room.tap_to_hear_text')}</p>
    </div>
  );
}

export function AloneCard({ room }: { room: string }) {
  const { t } = useTranslation();
  return (
    <section className={classes.alone}>
      <h2>{t('room.alone_title')}</h2>
      <p>{t('room.alone_text')}</p>
      <p className={classes.code}>{room}</p>
      <div className={classes.copy}>
        <CopyLink variant="filled" />
      </div>
    </section>
  );
}
