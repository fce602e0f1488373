/** Live rooms and how media gets through, for whoever runs the server. */

import { Button } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, usePath } from '../app/navigation';
import { PageFrame } from '../ui/PageFrame';
import type { Credentials } from './api';
import { keepCredentials, readCredentials } from './credentials';
import classes from './DebugPage.module.css';
import { Overview } from './Overview';
import { RoomPanel } from './RoomPanel';
import { SignIn } from './SignIn';

export const DEBUG_PATH = '/portal/debug';

export function debugRoomPath(room: string): string {
  return `${DEBUG_PATH}/${encodeURIComponent(room)}`;
}

function roomOf(path: string): string | undefined {
  if (!path.startsWith(`${DEBUG_PATH}/`)) return undefined;
  try {
    return decodeURIComponent(path.slice(DEBUG_PATH.length + 1)) || undefined;
  } catch {
    return undefined;
  }
}

export default function DebugPage() {
  const { t } = useTranslation();
  const [client] = useState(() => new QueryClient({ defaultOptions: { queries: { retry: 1 } } }));
  const [credentials, setCredentials] = useState(readCredentials);
  const sign = useCallback(
    (next: Credentials | undefined) => {
      keepCredentials(next);
      client.clear();
      setCredentials(next);
    },
    [client],
  );
  useEffect(() => {
    document.title = t('debug.title');
  }, [t]);
  return (
    <PageFrame>
      <QueryClientProvider client={client}>
        {credentials ? (
          <Dashboard credentials={credentials} onSignOut={() => sign(undefined)} />
        ) : (
          <SignIn onSignedIn={sign} />
        )}
      </QueryClientProvider>
    </PageFrame>
  );
}

interface DashboardProps {
  credentials: Credentials;
  onSignOut: () => void;
}

function Dashboard({ credentials, onSignOut }: DashboardProps) {
  const { t } = useTranslation();
  const room = roomOf(usePath());
  return (
    <div className={classes.dashboard}>
      <div className={classes.head}>
        <h1 className={classes.title}>
          {room === undefined ? (
            t('debug.title')
          ) : (
            <>
              <Link to={DEBUG_PATH}>{t('debug.title')}</Link>
              <span aria-hidden="true"> / </span>
              <span>{room}</span>
            </>
          )}
        </h1>
        <Button variant="default" size="xs" onClick={onSignOut}>
          {t('debug.sign_out')}
        </Button>
      </div>
      {room === undefined ? (
        <Overview credentials={credentials} />
      ) : (
        <RoomPanel key={room} credentials={credentials} room={room} />
      )}
    </div>
  );
}
