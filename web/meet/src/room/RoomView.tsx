import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { arrange, type ChatEntry, type PersonModel, type TileModel } from '../model/meeting';
import { ChatPanel } from './ChatPanel';
import { ControlBar, type ControlBarProps } from './ControlBar';
import { NoticeBar } from './NoticeBar';
import type { Notice } from './notices';
import { AloneCard, ReconnectBanner, ShareBar, TapToHear } from './Overlays';
import { PeoplePanel } from './PeoplePanel';
import { RoomStrip } from './RoomStrip';
import classes from './RoomView.module.css';
import { Stage } from './Stage';

export interface RoomViewProps extends Omit<ControlBarProps, 'peopleCount'> {
  room: string;
  startedAt: number;
  tiles: readonly TileModel[];
  people: readonly PersonModel[];
  chat: readonly ChatEntry[];
  mainSpeaker: string | undefined;
  pinned: string | undefined;
  sharingSound: boolean;
  /** The connection is away: pictures may stand still. */
  interrupted: boolean;
  /** Tries so far; undefined while no banner is due. */
  reconnectTries: number | undefined;
  audioBlocked: boolean;
  notice: Notice | undefined;
  onPin: (key: string | undefined) => void;
  onSend: (text: string) => Promise<void>;
  onStartAudio: () => void;
  onDismissNotice: () => void;
  /** Sound elements, dialogs and announcements, which have no place in the picture. */
  children?: ReactNode;
}

/** The whole meeting as a picture of plain values: it knows nothing of LiveKit. */
export function RoomView(props: RoomViewProps) {
  const { t } = useTranslation();
  const { tiles, view, pinned, mainSpeaker } = props;
  const arrangement = useMemo(
    () => arrange(tiles, { view, pinned, mainSpeaker }),
    [tiles, view, pinned, mainSpeaker],
  );
  return (
    <div className={classes.room}>
      <h1 className="vis-hidden">{t('prejoin.room', { room: props.room })}</h1>
      <div className={classes.middle}>
        <main className={classes.stage} aria-label={t('room.stage')}>
          <Stage
            arrangement={arrangement}
            pinned={pinned}
            interrupted={props.interrupted}
            onPin={props.onPin}
          />
          <OverStage {...props} />
        </main>
        <SidePanel {...props} />
      </div>
      <footer className={classes.footer}>
        <RoomStrip room={props.room} startedAt={props.startedAt} />
        <ControlBar {...props} peopleCount={props.people.length} />
        <span aria-hidden="true" />
      </footer>
      {props.children}
    </div>
  );
}

function OverStage(props: RoomViewProps) {
  const alone = props.people.length === 1 && !props.sharing;
  return (
    <>
      {props.reconnectTries === undefined ? null : <ReconnectBanner tries={props.reconnectTries} />}
      {props.sharing && props.reconnectTries === undefined ? (
        <ShareBar withSound={props.sharingSound} onStop={() => props.onAction('share')} />
      ) : null}
      {alone ? <AloneCard room={props.room} /> : null}
      <NoticeBar
        notice={props.notice}
        onChooseMicrophone={props.onSettings}
        onDismiss={props.onDismissNotice}
      />
      {props.audioBlocked ? <TapToHear onTap={props.onStartAudio} /> : null}
    </>
  );
}

function SidePanel(props: RoomViewProps) {
  switch (props.panel) {
    case 'chat':
      return (
        <ChatPanel
          entries={props.chat}
          onSend={props.onSend}
          onClose={() => props.onAction('chat')}
        />
      );
    case 'participants':
      return <PeoplePanel people={props.people} onClose={() => props.onAction('participants')} />;
    case undefined:
      return null;
  }
}
