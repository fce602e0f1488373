import { type KeyboardEvent, type ReactNode, type RefObject, useLayoutEffect, useRef } from 'react';
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
  const panel = useRef<HTMLElement>(null);
  useReturnOfFocus(panel);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.nativeEvent.isComposing) onClose();
  };
  return (
    <aside ref={panel} className={classes.panel} aria-label={title} onKeyDown={onKeyDown}>
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

/** Who works with the keyboard goes on where they were before the panel took the focus. */
function useReturnOfFocus(panel: RefObject<HTMLElement | null>): void {
  // Before the panel leaves the page: after that nobody knows what had the focus.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const element = panel.current;
    return () => {
      const hadFocus = element?.contains(document.activeElement);
      if (hadFocus && before instanceof HTMLElement) before.focus();
    };
  }, [panel]);
}
