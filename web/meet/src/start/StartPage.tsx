import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { navigate } from '../app/navigation';
import { NAME_LENGTH_MAX, tidyName } from '../model/person';
import {
  generateRoomName,
  parseRoomInput,
  ROOM_NAME_LENGTH_MAX,
  type RoomInput,
  roomPath,
} from '../model/room-name';
import { useSettings } from '../platform/settings';
import { IconKeyboard, IconVideoPlus } from '../ui/icons';
import { PageFrame } from '../ui/PageFrame';
import { FaceToFace } from './FaceToFace';
import classes from './StartPage.module.css';

export function StartPage() {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = t('brand');
  }, [t]);
  return (
    <PageFrame>
      <div className={classes.columns}>
        <section className={classes.words}>
          <h1 className={classes.title}>{t('start.title')}</h1>
          <p className={classes.lead}>{t('start.lead')}</p>
          <div className={classes.card}>
            <NameField />
            <Button
              size="md"
              fullWidth
              leftSection={<IconVideoPlus size={20} />}
              onClick={() => navigate(roomPath(newRoom()))}
            >
              {t('start.new_meeting')}
            </Button>
            <div className={classes.or}>
              <span>{t('start.or')}</span>
            </div>
            <JoinForm />
          </div>
        </section>
        <FaceToFace className={classes.picture} />
      </div>
    </PageFrame>
  );
}

function newRoom(): string {
  return generateRoomName((bytes) => crypto.getRandomValues(bytes));
}

function NameField() {
  const { t } = useTranslation();
  const [settings, setSettings] = useSettings();
  const [name, setName] = useState(settings.name);
  return (
    <TextInput
      size="md"
      label={t('start.name')}
      placeholder={t('start.name_placeholder')}
      autoComplete="name"
      maxLength={NAME_LENGTH_MAX}
      value={name}
      onChange={(event) => {
        setName(event.currentTarget.value);
        setSettings({ name: tidyName(event.currentTarget.value) });
      }}
    />
  );
}

function JoinForm() {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const [problem, setProblem] = useState<RoomInput>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const input = parseRoomInput(code, window.location.host);
    if (input.ok) navigate(roomPath(input.room));
    else setProblem(input);
  };
  return (
    <form className={classes.join} onSubmit={submit} noValidate>
      <TextInput
        size="md"
        className={classes.code}
        label={t('start.code')}
        placeholder={t('start.code_placeholder')}
        leftSection={<IconKeyboard size={20} />}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={code}
        error={useProblemText(problem)}
        onChange={(event) => {
          setCode(event.currentTarget.value);
          setProblem(undefined);
        }}
      />
      <Button type="submit" size="md" variant="default" className={classes.joinButton}>
        {t('start.join')}
      </Button>
    </form>
  );
}

function useProblemText(input: RoomInput | undefined): string | undefined {
  const { t } = useTranslation();
  if (!input || input.ok) return undefined;
  switch (input.problem) {
    case 'other_site':
      return t('start.problem.other_site', { host: input.host });
    case 'too_long':
      return t('start.problem.too_long', { max: ROOM_NAME_LENGTH_MAX });
    default:
      return t(`start.problem.${input.problem}`);
  }
}
