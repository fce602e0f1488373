import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Credentials, fetchRooms, Refusal } from './api';
import classes from './DebugPage.module.css';

export function SignIn({ onSignedIn }: { onSignedIn: (credentials: Credentials) => void }) {
  const { t } = useTranslation();
  const [key, setKey] = useState('');
  const [secret, setSecret] = useState('');
  const [problem, setProblem] = useState<'wrong' | 'unreachable'>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const credentials = { key: key.trim(), secret: secret.trim() };
    setBusy(true);
    try {
      await fetchRooms(credentials);
      onSignedIn(credentials);
    } catch (error) {
      setProblem(error instanceof Refusal && error.status === 401 ? 'wrong' : 'unreachable');
      setBusy(false);
    }
  };
  return (
    <form className={classes.signIn} onSubmit={submit} noValidate>
      <h1 className={classes.title}>{t('debug.title')}</h1>
      <p className={classes.soft}>{t('debug.sign_in.lead')}</p>
      <TextInput
        size="md"
        label={t('debug.sign_in.key')}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        value={key}
        onChange={(event) => setKey(event.currentTarget.value)}
      />
      <PasswordInput
        size="md"
        label={t('debug.sign_in.secret')}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': t('debug.sign_in.show') }}
        value={secret}
        onChange={(event) => setSecret(event.currentTarget.value)}
      />
      <p className={classes.problem} role="alert">
        {problem ? t(`debug.problem.${problem}`) : ''}
      </p>
      <Button type="submit" size="md" loading={busy} disabled={key === '' || secret === ''}>
        {t('debug.sign_in.button')}
      </Button>
    </form>
  );
}
