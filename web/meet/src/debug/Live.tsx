import { Button, Loader } from '@mantine/core';
import { type QueryKey, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Refusal } from './api';
import classes from './DebugPage.module.css';

/** The server measures every five seconds. */
export const REFRESH_MS = 5000;

export interface LiveProps<T> {
  name: QueryKey;
  read: (signal: AbortSignal) => Promise<T>;
  children: (data: T) => ReactNode;
}

/** Something that is read again and again. What was known last stays while reading fails. */
export function Live<T>({ name, read, children }: LiveProps<T>) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: name,
    queryFn: ({ signal }) => read(signal),
    refetchInterval: REFRESH_MS,
  });
  if (query.data === undefined && !query.isError) {
    return (
      <div className={classes.middle}>
        <Loader aria-label={t('debug.loading')} />
      </div>
    );
  }
  return (
    <>
      {query.isError ? (
        <div className={classes.trouble} role="alert">
          <span>{t(`debug.problem.${problemOf(query.error)}`)}</span>
          <Button size="xs" variant="default" onClick={() => void query.refetch()}>
            {t('action.try_again')}
          </Button>
        </div>
      ) : null}
      {query.data === undefined ? null : children(query.data)}
    </>
  );
}

function problemOf(error: Error): 'gone' | 'wrong' | 'unreachable' {
  if (!(error instanceof Refusal)) return 'unreachable';
  if (error.status === 404) return 'gone';
  return error.status === 401 ? 'wrong' : 'unreachable';
}
