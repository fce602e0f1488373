import { useTranslation } from 'react-i18next';
import type { MediaKind } from '../platform/acquire';
import type { LocalMediaState } from '../platform/local-media';
import { Avatar } from '../ui/Avatar';
import { IconMicrophone, IconMicrophoneOff, IconVideo, IconVideoOff } from '../ui/icons';
import { LevelMeter } from '../ui/LevelMeter';
import { RoundButton } from '../ui/RoundButton';
import { CameraPreview } from './CameraPreview';
import classes from './Prejoin.module.css';

export interface SelfViewProps {
  media: LocalMediaState;
  name: string;
  onToggle: (kind: MediaKind) => void;
}

export function SelfView({ media, name, onToggle }: SelfViewProps) {
  const { t } = useTranslation();
  const { audio, video } = media;
  const microphoneLives = audio.on && audio.track !== undefined;
  const cameraLives = video.on && video.track !== undefined;
  return (
    <div className={classes.self}>
      {cameraLives && video.track ? (
        <CameraPreview track={video.track} label={t('prejoin.self_view')} />
      ) : (
        <div className={classes.noVideo}>
          <Avatar name={name} identity={name} size={96} />
          <span>
            {t(media.asking && video.on ? 'prejoin.camera_starting' : 'prejoin.camera_off')}
          </span>
        </div>
      )}
      <div className={classes.selfBar}>
        <RoundButton
          label={t(microphoneLives ? 'control.microphone_on' : 'control.microphone_off')}
          shortcut="M"
          look={microphoneLives ? 'plain' : 'off'}
          icon={microphoneLives ? <IconMicrophone /> : <IconMicrophoneOff />}
          onClick={() => onToggle('audio')}
        />
        <RoundButton
          label={t(cameraLives ? 'control.camera_on' : 'control.camera_off')}
          shortcut="V"
          look={cameraLives ? 'plain' : 'off'}
          icon={cameraLives ? <IconVideo /> : <IconVideoOff />}
          onClick={() => onToggle('video')}
        />
        <div className={classes.level}>
          <LevelMeter track={audio.track} label={t('prejoin.level')} />
        </div>
      </div>
    </div>
  );
}
