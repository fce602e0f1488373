import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { playTestTone } from '../platform/audio';
import { IconVolume } from './icons';

/** Plays three notes, so that one knows before the meeting whether one will hear it. */
export function SpeakerTest({ speakerId }: { speakerId: string | undefined }) {
  const { t } = useTranslation();
  const [playing, setPlaying] = useState(false);
  const play = () => {
    setPlaying(true);
    playTestTone(speakerId)
      .catch(() => {})
      .finally(() => setPlaying(false));
  };
  return (
    <Button
      variant="default"
      leftSection={<IconVolume size={18} />}
      disabled={playing}
      onClick={play}
    >
      {playing ? t('device.playing') : t('device.test_speaker')}
    </Button>
  );
}
