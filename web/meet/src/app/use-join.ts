import { useContext, useEffect, useRef, useState } from 'react';
import { tidyName } from '../model/person';
import type { JoinProblem } from '../model/problems';
import { requestToken, signallingUrl } from '../platform/join-token';
import type { LocalMedia } from '../platform/local-media';
import { SettingsContext } from '../platform/settings';
import type { MeetingSession } from '../room/session';

export type JoinMode = 'with_devices' | 'without_devices';

export interface Joining {
  joining: boolean;
  problem: JoinProblem | undefined;
  join: (how: JoinMode) => Promise<void>;
}

/** Token, connection, and the devices handed over; or the reason why not. */
export function useJoin(
  room: string,
  media: LocalMedia | undefined,
  onMeeting: (session: MeetingSession) => void,
): Joining {
  const settings = useContext(SettingsContext);
  const [joining, setJoining] = useState(false);
  const [problem, setProblem] = useState<JoinProblem>();
  const gone = useGone();

  const enter = async (how: JoinMode): Promise<JoinProblem | undefined> => {
    const name = tidyName(settings.value.name);
    const answer = await requestToken({ room, name });
    if (!answer.ok) return answer.problem;
    const { openMeeting } = await import('../room/session');
    const opened = await openMeeting({
      url: signallingUrl(window.location),
      ticket: answer.ticket,
      settings,
    });
    if (!opened.ok) return opened.problem;
    if (gone.current) {
      opened.session.leave('left');
      return undefined;
    }
    if (how === 'with_devices' && media) void opened.session.publish(media.handOver());
    else media?.stop();
    onMeeting(opened.session);
    return undefined;
  };

  const join = async (how: JoinMode) => {
    if (joining) return;
    setJoining(true);
    setProblem(undefined);
    const failure = await enter(how).catch(() => 'unknown' as const);
    if (gone.current) return;
    setJoining(false);
    setProblem(failure);
  };
  return { joining, problem, join };
}

function useGone() {
  const gone = useRef(false);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);
  return gone;
}
