import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BrowserFamily } from '../model/browser';
import { NAME_LENGTH_MAX, tidyName } from '../model/person';
import type { JoinProblem } from '../model/problems';
import type { MediaKind } from '../platform/acquire';
import type { DeviceLists } from '../platform/devices';
import type { LocalMediaState, MediaSide } from '../platform/local-media';
import type { Settings } from '../platform/settings';
import { CopyLink } from '../ui/CopyLink';
import { DevicePicker } from '../ui/DevicePicker';
import { IconAlertTriangle } from '../ui/icons';
import { SpeakerTest } from '../ui/SpeakerTest';
import { MediaHelp } from './MediaHelp';
import classes from './Prejoin.module.css';
import { SelfView } from './SelfView';

export interface PrejoinViewProps {
  room: string;
  settings: Settings;
  media: LocalMediaState;
  devices: DeviceLists;
  speakerChoice: boolean;
  family: BrowserFamily;
  joining: boolean;
  problem: JoinProblem | undefined;
  /** The same meeting is open in another tab. */
  elsewhere: boolean;
  onSettings: (change: Partial<Settings>) => void;
  onToggle: (kind: MediaKind) => void;
  onChooseDevice: (kind: MediaKind, id: string | undefined) => void;
  onRetry: () => void;
  onJoin: (how: 'with_devices' | 'without_devices') => void;
  onMoveHere: () => void;
}

export function PrejoinView(props: PrejoinViewProps) {
  const { t } = useTranslation();
  const form = useNameForm(props);
  return (
    <div className={classes.columns}>
      <section className={classes.left} aria-label={t('prejoin.self_view')}>
        <SelfView media={props.media} name={props.settings.name} onToggle={props.onToggle} />
        <MediaHelp
          media={props.media}
          family={props.family}
          onRetry={props.onRetry}
          onJoinWithout={() => form.join('without_devices')}
        />
      </section>
      <form className={classes.right} onSubmit={form.submit} noValidate>
        <div>
          <h1 className={classes.title}>{t('prejoin.title')}</h1>
          <p className={classes.room}>{t('prejoin.room', { room: props.room })}</p>
        </div>
        <TextInput
          ref={form.field}
          size="md"
          label={t('prejoin.name')}
          placeholder={t('start.name_placeholder')}
          autoComplete="name"
          maxLength={NAME_LENGTH_MAX}
          value={form.name}
          error={form.missing ? t('prejoin.name_missing') : undefined}
          onChange={(event) => form.change(event.currentTarget.value)}
        />
        <Elsewhere {...props} onAgain={() => form.join('with_devices')} />
        <Problem problem={props.problem} />
        <div className={classes.actions}>
          {props.elsewhere ? null : (
            <Button type="submit" size="md" loading={props.joining} className={classes.join}>
              {t('prejoin.join')}
            </Button>
          )}
          <CopyLink />
        </div>
        <Pickers {...props} />
      </form>
    </div>
  );
}

function useNameForm(props: PrejoinViewProps) {
  const field = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(props.settings.name);
  const [missing, setMissing] = useState(false);
  const join = (how: 'with_devices' | 'without_devices') => {
    if (tidyName(name) === '') {
      setMissing(true);
      field.current?.focus();
      return;
    }
    props.onJoin(how);
  };
  const change = (text: string) => {
    setName(text);
    setMissing(false);
    props.onSettings({ name: tidyName(text) });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    join('with_devices');
  };
  return { field, name, missing, join, change, submit };
}

function Pickers(props: PrejoinViewProps) {
  const { devices, settings, media } = props;
  return (
    <div className={classes.pickers}>
      <DevicePicker
        device="microphone"
        choices={devices.microphones}
        chosen={inUse(media.audio) ?? settings.microphoneId}
        onChoose={(id) => props.onChooseDevice('audio', id)}
      />
      <DevicePicker
        device="camera"
        choices={devices.cameras}
        chosen={inUse(media.video) ?? settings.cameraId}
        onChoose={(id) => props.onChooseDevice('video', id)}
      />
      <div className={classes.speaker}>
        {props.speakerChoice ? (
          <DevicePicker
            device="speaker"
            choices={devices.speakers}
            chosen={settings.speakerId}
            onChoose={(id) => props.onSettings({ speakerId: id })}
          />
        ) : null}
        <SpeakerTest speakerId={settings.speakerId} />
      </div>
    </div>
  );
}

/** What the browser really opened, which may not be what was remembered. */
function inUse(side: MediaSide): string | undefined {
  return side.track?.getSettings().deviceId;
}

function Elsewhere(props: PrejoinViewProps & { onAgain: () => void }) {
  const { t } = useTranslation();
  if (!props.elsewhere) return null;
  return (
    <div className={classes.notice} role="alert">
      <strong>{t('prejoin.elsewhere_title')}</strong>
      <span>{t('prejoin.elsewhere_text')}</span>
      <div className={classes.actions}>
        <Button size="sm" loading={props.joining} onClick={props.onMoveHere}>
          {t('prejoin.elsewhere_move')}
        </Button>
        <Button size="sm" variant="default" onClick={props.onAgain}>
          {t('prejoin.elsewhere_again')}
        </Button>
      </div>
    </div>
  );
}

function Problem({ problem }: { problem: JoinProblem | undefined }) {
  const { t } = useTranslation();
  if (!problem) return null;
  return (
    <div className={classes.notice} data-kind="problem" role="alert">
      <strong>
        <IconAlertTriangle size={18} /> {t('join_problem.title')}
      </strong>
      <span>{t(`join_problem.${problem}`)}</span>
    </div>
  );
}
