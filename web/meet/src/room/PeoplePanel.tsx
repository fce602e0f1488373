import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { PersonModel } from '../model/meeting';
import { Avatar } from '../ui/Avatar';
import {
  IconMicrophone,
  IconMicrophoneOff,
  IconScreenShare,
  IconVideo,
  IconVideoOff,
} from '../ui/icons';
import { Panel } from './Panel';
import classes from './PeoplePanel.module.css';

export interface PeoplePanelProps {
  people: readonly PersonModel[];
  onClose: () => void;
}

export function PeoplePanel({ people, onClose }: PeoplePanelProps) {
  const { t } = useTranslation();
  return (
    <Panel title={t('people.title', { count: people.length })} onClose={onClose}>
      <ul className={classes.list}>
        {people.map((person) => (
          <Person key={person.identity} person={person} />
        ))}
      </ul>
    </Panel>
  );
}

function Person({ person }: { person: PersonModel }) {
  const { t } = useTranslation();
  return (
    <li className={classes.person} data-speaking={person.speaking}>
      <Avatar name={person.name} identity={person.identity} size={38} />
      <span className={classes.name}>
        {person.isLocal ? t('room.named_you', { name: person.name }) : person.name}
      </span>
      {person.sharing ? (
        <State label={t('people.sharing')}>
          <IconScreenShare size={19} aria-hidden="true" />
        </State>
      ) : null}
      <State label={t(person.micOn ? 'people.microphone_on' : 'people.microphone_off')}>
        {person.micOn ? (
          <IconMicrophone size={19} aria-hidden="true" />
        ) : (
          <IconMicrophoneOff size={19} aria-hidden="true" className={classes.off} />
        )}
      </State>
      <State label={t(person.cameraOn ? 'people.camera_on' : 'people.camera_off')}>
        {person.cameraOn ? (
          <IconVideo size={19} aria-hidden="true" />
        ) : (
          <IconVideoOff size={19} aria-hidden="true" className={classes.off} />
        )}
      </State>
    </li>
  );
}

function State({ label, children }: { label: string; children: ReactNode }) {
  return (
    <span className={classes.state} title={label}>
      {children}
      <span className="vis-hidden">{label}</span>
    </span>
  );
}
