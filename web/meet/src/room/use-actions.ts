import { useCallback, useRef, useState } from 'react';
import type { MeetingAction } from '../model/hotkeys';
import type { ViewChoice } from '../model/meeting';
import { canShareScreen } from '../platform/browser-media';
import { useSettings } from '../platform/settings';
import type { PanelChoice } from './ControlBar';
import type { Notices } from './notices';
import type { SettingsTab } from './SettingsDialog';
import type { MeetingSession } from './session';

export interface MeetingActions {
  view: ViewChoice;
  panel: PanelChoice | undefined;
  dialog: SettingsTab | undefined;
  setDialog: (tab: SettingsTab | undefined) => void;
  onAction: (action: MeetingAction) => void;
  onTalk: (down: boolean) => void;
}

/** Buttons, menu and keys all end here. */
export function useActions(session: MeetingSession, notices: Notices): MeetingActions {
  const [, setSettings] = useSettings();
  const [view, setView] = useState<ViewChoice>('grid');
  const [dialog, setDialog] = useState<SettingsTab>();
  const { panel, togglePanel } = usePanel();
  const me = session.room.localParticipant;
  const onAction = (action: MeetingAction) => {
    switch (action) {
      case 'microphone':
        setSettings({ microphoneOn: !me.isMicrophoneEnabled });
        notices.hide('muted_speech');
        return void session.setMicrophone(!me.isMicrophoneEnabled);
      case 'camera':
        setSettings({ cameraOn: !me.isCameraEnabled });
        return void session.setCamera(!me.isCameraEnabled);
      case 'share':
        if (!canShareScreen()) return undefined;
        return void session.setShare(!me.isScreenShareEnabled);
      case 'chat':
      case 'participants':
        return togglePanel(action);
      case 'view':
        return setView(view === 'grid' ? 'speaker' : 'grid');
      case 'help':
        return setDialog('shortcuts');
    }
  };
  return { view, panel, dialog, setDialog, onAction, onTalk: useTalk(session, notices) };
}

/** Hold Space to talk: only who was muted before is muted after. */
function useTalk(session: MeetingSession, notices: Notices): (down: boolean) => void {
  const talking = useRef(false);
  return useCallback(
    (down) => {
      const muted = !session.room.localParticipant.isMicrophoneEnabled;
      if (down && muted) {
        talking.current = true;
        notices.show({ kind: 'talking' });
        void session.setMicrophone(true);
      } else if (!down && talking.current) {
        talking.current = false;
        notices.hide('talking');
        void session.setMicrophone(false);
      }
    },
    [session, notices],
  );
}

/** One panel at a time; closing it gives the keyboard back to where it was. */
function usePanel() {
  const [panel, setPanel] = useState<PanelChoice>();
  const before = useRef<Element | null>(null);
  const togglePanel = (choice: PanelChoice) => {
    if (panel === undefined) before.current = document.activeElement;
    const next = panel === choice ? undefined : choice;
    setPanel(next);
    if (next === undefined && before.current instanceof HTMLElement) before.current.focus();
  };
  return { panel, togglePanel };
}
