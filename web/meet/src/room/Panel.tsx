import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconX } from '../ui/icons';
import classes from './Panel.module.css';

export interface PanelProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** Beside the pictures on a desk, in front of them on a phone. */
export function Panel({ title, onClose, children }: PanelProps) {
  const { t } = useTranslation();
  return (
    <aside className={classes.panel} aria-label={title}>
      <header className={classes.header}>
        <h2 className={classes.title}>{title}</h2>
        <button
          type="button"
          className={classes.close}
          aria-label={t('action.close')}
          onClick={onClose}
        >
          <IconX size={20} aria-hidden="true" />
        </button>
      </header>
      {children}
    </aside>
  );
}
