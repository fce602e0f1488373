import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { checkRoomName, roomOfPath } from '../model/room-name';
import { StartPage } from '../start/StartPage';
import { Message } from '../ui/Message';
import { PageFrame } from '../ui/PageFrame';
import { LoadFailure } from './LoadFailure';
import { Link, usePath } from './navigation';

const MeetPage = lazy(() => import('./MeetPage'));

export function App() {
  const path = usePath();
  if (path === '/' || path === '/meet' || path === '/meet/') return <StartPage />;
  const room = checkRoomName(roomOfPath(path) ?? '');
  if (!room.ok) return <MissingPage />;
  return (
    <LoadFailure>
      <Suspense fallback={<PageFrame>{null}</PageFrame>}>
        <MeetPage key={room.room} room={room.room} />
      </Suspense>
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
