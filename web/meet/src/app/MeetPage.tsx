import { lazy, Suspense, useContext, useEffect, useState } from 'react';
import { EndedPage } from '../ended/EndedPage';
import type { EndReason } from '../model/problems';
import { browserMedia } from '../platform/browser-media';
import { LocalMedia } from '../platform/local-media';
import { SettingsContext } from '../platform/settings';
import { PrejoinPage } from '../prejoin/PrejoinPage';
import type { MeetingSession } from '../room/session';
import { PageFrame } from '../ui/PageFrame';
import { useJoin } from './use-join';

const loadRoomPage = () => import('../room/RoomPage');
const RoomPage = lazy(loadRoomPage);

type Phase =
  | { at: 'door'; rejoin: boolean }
  | { at: 'meeting'; session: MeetingSession }
  | { at: 'end'; reason: EndReason };

/** Before, in and after one meeting. */
export default function MeetPage({ room }: { room: string }) {
  const [phase, setPhase] = useState<Phase>({ at: 'door', rejoin: false });
  switch (phase.at) {
    case 'door':
      return (
        <Door
          room={room}
          rejoin={phase.rejoin}
          onMeeting={(session) => setPhase({ at: 'meeting', session })}
        />
      );
    case 'meeting':
      return (
        <Suspense fallback={<PageFrame>{null}</PageFrame>}>
          <RoomPage session={phase.session} onEnd={(reason) => setPhase({ at: 'end', reason })} />
        </Suspense>
      );
    case 'end':
      return (
        <EndedPage reason={phase.reason} onRejoin={() => setPhase({ at: 'door', rejoin: true })} />
      );
  }
}

interface DoorProps {
  room: string;
  /** Go in as soon as the devices are open, without asking again. */
  rejoin: boolean;
  onMeeting: (session: MeetingSession) => void;
}

function Door({ room, rejoin, onMeeting }: DoorProps) {
  const media = useLocalMedia();
  const { joining, problem, join } = useJoin(room, media, onMeeting);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each set of devices
  useEffect(() => {
    if (!media) return;
    const opened = media.start();
    if (rejoin) void opened.then(() => join('with_devices'));
  }, [media]);
  // The heavy part of the page comes while people look at themselves.
  useEffect(() => void loadRoomPage().catch(() => {}), []);
  if (!media) return null;
  return (
    <PrejoinPage room={room} media={media} joining={joining} problem={problem} onJoin={join} />
  );
}

/** Lives as long as the door: devices that nobody took along are closed behind us. */
function useLocalMedia(): LocalMedia | undefined {
  const settings = useContext(SettingsContext);
  const [media, setMedia] = useState<LocalMedia>();
  useEffect(() => {
    const { microphoneOn, cameraOn } = settings.value;
    const opened = new LocalMedia({
      port: browserMedia,
      wishOf: (kind) => ({
        deviceId: kind === 'audio' ? settings.value.microphoneId : settings.value.cameraId,
      }),
      microphoneOn,
      cameraOn,
    });
    setMedia(opened);
    return () => opened.stop();
  }, [settings]);
  return media;
}
