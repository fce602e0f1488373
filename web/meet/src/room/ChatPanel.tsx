import { Textarea } from '@mantine/core';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { linkify } from '../model/linkify';
import type { ChatEntry } from '../model/meeting';
import { IconSend2 } from '../ui/icons';
import classes from './ChatPanel.module.css';
import { Panel } from './Panel';

export const MESSAGE_LENGTH_MAX = 2000;

export interface ChatPanelProps {
  entries: readonly ChatEntry[];
  onSend: (text: string) => Promise<void>;
  onClose: () => void;
}

export function ChatPanel({ entries, onSend, onClose }: ChatPanelProps) {
  const { t } = useTranslation();
  return (
    <Panel title={t('chat.title')} onClose={onClose}>
      {entries.length === 0 ? (
        <p className={classes.empty}>{t('chat.empty')}</p>
      ) : (
        <Messages entries={entries} />
      )}
      <Composer onSend={onSend} />
    </Panel>
  );
}

function Messages({ entries }: { entries: readonly ChatEntry[] }) {
  const { t, i18n } = useTranslation();
  const end = useRef<HTMLLIElement>(null);
  const clock = new Intl.DateTimeFormat(i18n.language, { timeStyle: 'short' });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message brings the end in sight
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' });
  }, [entries.length]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <ol className={classes.list} aria-label={t('chat.list')} tabIndex={0}>
      {entries.map((entry, index) => (
        <li
          key={entry.id}
          ref={index === entries.length - 1 ? end : undefined}
          className={classes.entry}
          data-mine={entry.isMine}
        >
          {continues(entries, index) ? null : (
            <div className={classes.head}>
              <span className={classes.from}>{entry.isMine ? t('room.you') : entry.from}</span>
              <time dateTime={new Date(entry.at).toISOString()}>{clock.format(entry.at)}</time>
            </div>
          )}
          <MessageText text={entry.text} />
        </li>
      ))}
    </ol>
  );
}

const SAME_BREATH_MS = 60_000;

/** Messages in quick succession stand under one name. */
function continues(entries: readonly ChatEntry[], index: number): boolean {
  const [before, entry] = [entries[index - 1], entries[index]];
  if (!before || !entry || before.from !== entry.from || before.isMine !== entry.isMine) {
    return false;
  }
  return entry.at - before.at < SAME_BREATH_MS;
}

function MessageText({ text }: { text: string }) {
  return (
    <p className={classes.text}>
      {linkify(text).map((part, index) =>
        part.type === 'text' ? (
          part.text
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a message never change
          <a key={index} href={part.href} target="_blank" rel="noopener noreferrer nofollow ugc">
            {part.text}
          </a>
        ),
      )}
    </p>
  );
}

function Composer({ onSend }: { onSend: (text: string) => Promise<void> }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [failed, setFailed] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const tooLong = [...text].length > MESSAGE_LENGTH_MAX;
  const send = () => {
    const message = text.normalize('NFC').trim();
    if (message === '' || tooLong) return;
    setText('');
    setFailed(false);
    onSend(message).catch(() => {
      // What was not sent goes back into the field, before what was typed since.
      setText((typed) => (typed === '' ? message : `${message}\n${typed}`));
      setFailed(true);
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <div className={classes.composer}>
      <Textarea
        ref={field}
        className={classes.field}
        aria-label={t('chat.placeholder')}
        placeholder={t('chat.placeholder')}
        rows={Math.min(5, Math.max(1, text.split('\n').length, Math.ceil(text.length / 34)))}
        value={text}
        error={composerError(t, tooLong, failed)}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <button
        type="button"
        className={classes.send}
        aria-label={t('chat.send')}
        disabled={text.trim() === '' || tooLong}
        onClick={send}
      >
        <IconSend2 size={20} aria-hidden="true" />
      </button>
    </div>
  );
}

type Translate = ReturnType<typeof useTranslation>['t'];

function composerError(t: Translate, tooLong: boolean, failed: boolean): string | undefined {
  if (tooLong) return t('chat.too_long', { max: MESSAGE_LENGTH_MAX });
  return failed ? t('chat.failed') : undefined;
}
