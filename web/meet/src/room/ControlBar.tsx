import { useTranslation } from 'react-i18next';
import type { MeetingAction } from '../model/hotkeys';
import type { ViewChoice } from '../model/meeting';
import {
  IconLayoutGrid,
  IconMessageCircle,
  IconMicrophone,
  IconMicrophoneOff,
  IconPhoneEnd,
  IconScreenShare,
  IconScreenShareOff,
  IconUserSquare,
  IconUsers,
  IconVideo,
  IconVideoOff,
} from '../ui/icons';
import { RoundButton } from '../ui/RoundButton';
import classes from './ControlBar.module.css';
import { MoreMenu } from './MoreMenu';

export type PanelChoice = 'chat' | 'participants';

export interface ControlBarProps {
  micOn: boolean;
  cameraOn: boolean;
  sharing: boolean;
  canShare: boolean;
  panel: PanelChoice | undefined;
  unread: number;
  peopleCount: number;
  view: ViewChoice;
  hideSelfView: boolean;
  /** Single-key shortcuts are shown only while they work. */
  singleKeys: boolean;
  onAction: (action: MeetingAction) => void;
  onSettings: () => void;
  onHideSelfView: (hide: boolean) => void;
  onLeave: () => void;
}

/** In the order that people know: microphone, camera, share, chat, participants, view, more, leave. */
export function ControlBar(props: ControlBarProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.bar} role="toolbar" aria-label={t('control.bar')}>
      <Devices {...props} />
      <span className={classes.wide}>
        <ShareButton {...props} />
      </span>
      <Panels {...props} />
      <span className={classes.wide}>
        <ViewButton {...props} />
      </span>
      <MoreMenu {...props} />
      <RoundButton
        label={t('control.leave')}
        look="danger"
        icon={<IconPhoneEnd />}
        onClick={props.onLeave}
      />
    </div>
  );
}

function Devices({ micOn, cameraOn, singleKeys, onAction }: ControlBarProps) {
  const { t } = useTranslation();
  return (
    <>
      <RoundButton
        label={t(micOn ? 'control.microphone_on' : 'control.microphone_off')}
        shortcut={singleKeys ? 'M' : 'Ctrl+D'}
        look={micOn ? 'plain' : 'off'}
        icon={micOn ? <IconMicrophone /> : <IconMicrophoneOff />}
        onClick={() => onAction('microphone')}
      />
      <RoundButton
        label={t(cameraOn ? 'control.camera_on' : 'control.camera_off')}
        shortcut={singleKeys ? 'V' : 'Ctrl+E'}
        look={cameraOn ? 'plain' : 'off'}
        icon={cameraOn ? <IconVideo /> : <IconVideoOff />}
        onClick={() => onAction('camera')}
      />
    </>
  );
}

function ShareButton({ canShare, sharing, singleKeys, onAction }: ControlBarProps) {
  const { t } = useTranslation();
  if (!canShare) return null;
  return (
    <RoundButton
      label={t(sharing ? 'control.share_on' : 'control.share_off')}
      shortcut={singleKeys ? 'D' : undefined}
      look={sharing ? 'active' : 'plain'}
      icon={sharing ? <IconScreenShareOff /> : <IconScreenShare />}
      onClick={() => onAction('share')}
    />
  );
}

function Panels(props: ControlBarProps) {
  const { t } = useTranslation();
  const { panel, unread, singleKeys, onAction } = props;
  const chatLabel = t(panel === 'chat' ? 'control.chat_on' : 'control.chat_off');
  return (
    <>
      <RoundButton
        label={unread > 0 ? `${chatLabel}. ${t('control.unread', { count: unread })}` : chatLabel}
        shortcut={singleKeys ? 'C' : undefined}
        look={panel === 'chat' ? 'active' : 'plain'}
        expanded={panel === 'chat'}
        badge={unread > 0 ? String(Math.min(unread, 99)) : undefined}
        icon={<IconMessageCircle />}
        onClick={() => onAction('chat')}
      />
      <RoundButton
        label={t(panel === 'participants' ? 'control.participants_on' : 'control.participants_off')}
        shortcut={singleKeys ? 'P' : undefined}
        look={panel === 'participants' ? 'active' : 'plain'}
        expanded={panel === 'participants'}
        icon={<IconUsers />}
        onClick={() => onAction('participants')}
      />
    </>
  );
}

function ViewButton({ view, singleKeys, onAction }: ControlBarProps) {
  const { t } = useTranslation();
  return (
    <RoundButton
      label={t(view === 'grid' ? 'control.view_speaker' : 'control.view_grid')}
      shortcut={singleKeys ? 'W' : undefined}
      icon={view === 'grid' ? <IconUserSquare /> : <IconLayoutGrid />}
      onClick={() => onAction('view')}
    />
  );
}
