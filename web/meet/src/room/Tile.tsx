import { useTranslation } from 'react-i18next';
import type { TileModel } from '../model/meeting';
import { Avatar } from '../ui/Avatar';
import { IconMicrophoneOff, IconPin, IconPinnedOff, IconScreenShare } from '../ui/icons';
import { QualityBars } from './QualityBars';
import classes from './Tile.module.css';
import { VideoSurface } from './VideoSurface';

export interface TileProps {
  tile: TileModel;
  pinned: boolean;
  interrupted: boolean;
  onPin: (key: string | undefined) => void;
}

export function Tile({ tile, pinned, interrupted, onPin }: TileProps) {
  const label = useTileLabel(tile, pinned);
  return (
    <figure
      className={classes.tile}
      data-speaking={tile.speaking && tile.kind === 'camera'}
      data-kind={tile.kind}
      aria-label={label}
    >
      <Picture tile={tile} interrupted={interrupted} />
      <PinButton tile={tile} pinned={pinned} onPin={onPin} />
      <figcaption className={classes.caption}>
        <span className={classes.name}>
          {tile.kind === 'camera' && !tile.micOn ? (
            <IconMicrophoneOff size={16} className={classes.muted} aria-hidden="true" />
          ) : null}
          {tile.kind === 'screen' ? <IconScreenShare size={16} aria-hidden="true" /> : null}
          <span className={classes.text}>{useCaption(tile)}</span>
        </span>
        {tile.quality && tile.kind === 'camera' ? <QualityBars verdict={tile.quality} /> : null}
      </figcaption>
    </figure>
  );
}

function Picture({ tile, interrupted }: { tile: TileModel; interrupted: boolean }) {
  if (tile.video) {
    return (
      <VideoSurface
        source={tile.video}
        fit={tile.kind === 'screen' ? 'contain' : 'cover'}
        mirrored={tile.isLocal && tile.kind === 'camera'}
        interrupted={interrupted}
      />
    );
  }
  return (
    <div className={classes.noVideo}>
      {tile.kind === 'screen' ? (
        <IconScreenShare size={40} aria-hidden="true" />
      ) : (
        <Avatar name={tile.name} identity={tile.identity} size="clamp(44px, 26cqmin, 120px)" />
      )}
    </div>
  );
}

function PinButton({ tile, pinned, onPin }: Pick<TileProps, 'tile' | 'pinned' | 'onPin'>) {
  const { t } = useTranslation();
  const label = t(pinned ? 'room.unpin' : 'room.pin', { name: useCaption(tile) });
  const Icon = pinned ? IconPinnedOff : IconPin;
  return (
    <button
      type="button"
      className={classes.pin}
      data-pinned={pinned}
      aria-label={label}
      aria-pressed={pinned}
      title={label}
      onClick={() => onPin(pinned ? undefined : tile.key)}
    >
      <Icon size={18} aria-hidden="true" />
    </button>
  );
}

function useCaption(tile: TileModel): string {
  const { t } = useTranslation();
  if (tile.kind === 'screen') return t('room.screen_of', { name: tile.name });
  return tile.isLocal ? t('room.named_you', { name: tile.name }) : tile.name;
}

function useTileLabel(tile: TileModel, pinned: boolean): string {
  const { t } = useTranslation();
  const states = [useCaption(tile)];
  if (tile.kind === 'camera' && !tile.micOn) states.push(t('room.muted'));
  if (tile.kind === 'camera' && tile.speaking) states.push(t('room.speaking'));
  if (pinned) states.push(t('room.pinned'));
  return states.join(', ');
}
