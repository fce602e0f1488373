import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { checkRoomName, roomOfPath } from '../model/room-name';
import { StartPage } from '../start/StartPage';
import { Message } from '../ui/Message';
import { PageFrame } from '../ui/PageFrame';
import { LoadFailure } from './LoadFailure';
import { Link, usePath } from './navigation';

const MeetPage = lazy(() => import('./MeetPage'));
const DebugPage = lazy(() => import('../debug/DebugPage'));

export function App() {
  const path = usePath();
  if (path === '/' || path === '/meet' || path === '/meet/') return <StartPage />;
  if (/^\/portal(\/debug(\/.*)?)?\/?$/.test(path)) {
    return (
      <Later>
        <DebugPage />
      </Later>
    );
  }
  const room = checkRoomName(roomOfPath(path) ?? '');
  if (!room.ok) return <MissingPage />;
  return (
    <Later>
      <MeetPage key={room.room} room={room.room} />
    </Later>
  );
}

/** A page that is loaded when it is asked for. */
function Later({ children }: { children: ReactNode }) {
  return (
    <LoadFailure>
      <Suspense fallback={<PageFrame>{null}</PageFrame>}>{children}</Suspense>
    </LoadFailure>
  );
}

function MissingPage() {
  const { t } = useTranslation();
  return (
    <PageFrame>
      <Message title={t('missing.title')} text={t('missing.text')}>
        <Link to="/">{t('action.home')}</Link>
      </Message>
    </PageFrame>
  );
}
