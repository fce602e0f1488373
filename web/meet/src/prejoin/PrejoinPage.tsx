import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../lib/store';
import { browserFamilyOf } from '../model/browser';
import type { JoinProblem } from '../model/problems';
import type { MediaKind } from '../platform/acquire';
import { canChooseSpeaker, watchGrants } from '../platform/browser-media';
import { useDevices, watchDevices } from '../platform/devices';
import type { LocalMedia } from '../platform/local-media';
import { useSettings } from '../platform/settings';
import { askToMakeWay, isOpenElsewhere } from '../platform/tab-guard';
import { PageFrame } from '../ui/PageFrame';
import { useHotkeys } from '../ui/use-hotkeys';
import { PrejoinView } from './PrejoinView';

export interface PrejoinPageProps {
  room: string;
  media: LocalMedia;
  joining: boolean;
  problem: JoinProblem | undefined;
  onJoin: (how: 'with_devices' | 'without_devices') => void;
}

/** The green room: everything is tried out before others see and hear it. */
export function PrejoinPage(props: PrejoinPageProps) {
  const { room, media } = props;
  const { t } = useTranslation();
  const [settings, setSettings] = useSettings();
  const state = useStore(media.store);
  const devices = useDevices(state);
  const elsewhere = useElsewhere(room);
  useNewChances(media);
  const toggle = (kind: MediaKind) => {
    setSettings(
      kind === 'audio' ? { microphoneOn: !state.audio.on } : { cameraOn: !state.video.on },
    );
    void media.toggle(kind);
  };
  useHotkeys(
    {
      onAction: (action) => {
        if (action === 'microphone') toggle('audio');
        if (action === 'camera') toggle('video');
      },
    },
    settings.singleKeys,
  );
  useEffect(() => {
    document.title = `${room} · ${t('brand')}`;
  }, [room, t]);
  return (
    <PageFrame>
      <PrejoinView
        {...props}
        settings={settings}
        media={state}
        devices={devices}
        speakerChoice={canChooseSpeaker() && devices.speakers.length > 0}
        family={browserFamilyOf(navigator.userAgent, navigator.maxTouchPoints)}
        elsewhere={elsewhere}
        onSettings={setSettings}
        onToggle={toggle}
        onChooseDevice={(kind, id) => {
          setSettings(kind === 'audio' ? { microphoneId: id } : { cameraId: id });
          void media.reopen(kind);
        }}
        onRetry={() => void media.start()}
        onMoveHere={() => {
          askToMakeWay(room);
          props.onJoin('with_devices');
        }}
      />
    </PageFrame>
  );
}

/** A device that was plugged in, or a permission that was given, is used without being asked. */
function useNewChances(media: LocalMedia): void {
  useEffect(() => {
    const stopDevices = watchDevices(() => void media.retry('missing'));
    const stopPermissions = watchGrants(() => void media.retry('blocked'));
    return () => {
      stopDevices();
      stopPermissions();
    };
  }, [media]);
}

function useElsewhere(room: string): boolean {
  const [elsewhere, setElsewhere] = useState(false);
  useEffect(() => {
    let gone = false;
    void isOpenElsewhere(room).then((answer) => gone || setElsewhere(answer));
    return () => {
      gone = true;
    };
  }, [room]);
  return elsewhere;
}
