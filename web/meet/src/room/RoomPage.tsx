import './room.css';
import { RoomAudioRenderer, RoomContext, useAudioPlayback } from '@livekit/components-react';
import { Track } from 'livekit-client';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../lib/store';
import type { EndReason } from '../model/problems';
import { canChooseSpeaker, canShareScreen } from '../platform/browser-media';
import { useDevices } from '../platform/devices';
import { type Settings, useSettings } from '../platform/settings';
import { useHotkeys } from '../ui/use-hotkeys';
import { LiveRegion } from './LiveRegion';
import type { Notices } from './notices';
import { RoomView } from './RoomView';
import type { MeetingSession } from './session';
import { type MeetingActions, useActions } from './use-actions';
import { useRoomChat } from './use-room-chat';
import { useMeetingLife, useNotices, useReconnectTries, useWatched } from './use-session';
import { peopleOf, useTiles } from './use-tiles';

const SettingsDialog = lazy(() => import('./SettingsDialog'));

export interface RoomPageProps {
  session: MeetingSession;
  onEnd: (reason: EndReason) => void;
}

export default function RoomPage({ session, onEnd }: RoomPageProps) {
  const watched = useWatched(session);
  const notices = useNotices(session);
  useMeetingLife(session, onEnd);
  if (!watched) return null;
  return (
    <RoomContext.Provider value={session.room}>
      <Meeting session={session} watched={watched} notices={notices} />
    </RoomContext.Provider>
  );
}

interface MeetingProps {
  session: MeetingSession;
  watched: NonNullable<ReturnType<typeof useWatched>>;
  notices: Notices;
}

function Meeting({ session, watched, notices }: MeetingProps) {
  const [settings, setSettings] = useSettings();
  const actions = useActions(session, notices);
  const interrupted = useStore(session.connection).phase !== 'steady';
  const inputs = useInputs(watched, settings, interrupted);
  const tiles = useTiles(inputs);
  const people = peopleOf(inputs);
  const [pinned, setPinned] = useState<string>();
  const chat = useRoomChat(actions.panel === 'chat');
  const [audioBlocked, startAudio] = useBlockedAudio(session);
  const tries = useReconnectTries(session, notices);
  const me = inputs.snapshot.people.find((person) => person.isLocal);
  usePageTitle(session.roomName, chat.unread);
  useHotkeys(actions, settings.singleKeys, actions.dialog === undefined);
  return (
    <RoomView
      room={session.roomName}
      startedAt={session.startedAt}
      tiles={tiles}
      people={people}
      chat={chat.entries}
      unread={chat.unread}
      mainSpeaker={inputs.speakers.main}
      pinned={pinned}
      view={actions.view}
      panel={actions.panel}
      micOn={me?.micOn ?? false}
      cameraOn={me?.cameraOn ?? false}
      sharing={me?.sharing ?? false}
      sharingSound={me?.sharingSound ?? false}
      canShare={canShareScreen()}
      hideSelfView={settings.hideSelfView}
      singleKeys={settings.singleKeys}
      interrupted={interrupted}
      reconnectTries={tries}
      audioBlocked={audioBlocked && people.length > 1}
      notice={useStore(notices.store)}
      onAction={actions.onAction}
      onPin={setPinned}
      onSend={chat.send}
      onStartAudio={startAudio}
      onSettings={() => actions.setDialog('devices')}
      onHideSelfView={(hideSelfView) => setSettings({ hideSelfView })}
      onDismissNotice={() => notices.store.set(undefined)}
      onLeave={() => session.leave('left')}
    >
      <RoomAudioRenderer room={session.room} />
      <LiveRegion
        room={session.room}
        connection={session.connection}
        people={people}
        chat={chat.entries}
        chatOpen={actions.panel === 'chat'}
      />
      <Dialog session={session} actions={actions} />
    </RoomView>
  );
}

/** Asked once: where a tap does not help, nobody is kept from the rest of the meeting. */
function useBlockedAudio(session: MeetingSession): [boolean, () => void] {
  const { canPlayAudio } = useAudioPlayback(session.room);
  const [tapped, setTapped] = useState(false);
  const start = () => {
    setTapped(true);
    session.room.startAudio().catch(() => {});
  };
  return [!canPlayAudio && !tapped, start];
}

function useInputs(watched: MeetingProps['watched'], settings: Settings, interrupted: boolean) {
  const small = Math.min(window.innerWidth, window.innerHeight) < 600;
  return {
    snapshot: useStore(watched.room.store),
    speakers: useStore(watched.speakers.store),
    lastSpokeAt: watched.speakers.lastSpokeAt,
    qualities: useStore(watched.quality.store),
    hideSelfView: settings.hideSelfView,
    firstPage: small ? 6 : 16,
    interrupted,
  };
}

function usePageTitle(room: string, unread: number): void {
  const { t } = useTranslation();
  useEffect(() => {
    const mark = unread > 0 ? `(${unread}) ` : '';
    document.title = `${mark}${room} · ${t('brand')}`;
  }, [room, unread, t]);
}

const DEVICE_KINDS = {
  microphoneId: 'audioinput',
  cameraId: 'videoinput',
  speakerId: 'audiooutput',
} as const;

function Dialog({ session, actions }: { session: MeetingSession; actions: MeetingActions }) {
  const [settings, setSettings] = useSettings();
  const devices = useDevices(actions.dialog);
  if (!actions.dialog) return null;
  const change = (changed: Partial<Settings>) => {
    setSettings(changed);
    for (const key of ['microphoneId', 'cameraId', 'speakerId'] as const) {
      if (key in changed) void session.switchDevice(DEVICE_KINDS[key], changed[key]);
    }
  };
  const microphone = session.room.localParticipant.getTrackPublication(Track.Source.Microphone);
  return (
    <Suspense fallback={null}>
      <SettingsDialog
        tab={actions.dialog}
        settings={settings}
        devices={devices}
        speakerChoice={canChooseSpeaker() && devices.speakers.length > 0}
        microphone={microphone?.track?.mediaStreamTrack}
        onTab={actions.setDialog}
        onSettings={change}
        onClose={() => actions.setDialog(undefined)}
      />
    </Suspense>
  );
}
