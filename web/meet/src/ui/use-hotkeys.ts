import { useEffect, useRef } from 'react';
import { actionOf, type Focus, type HotkeyAction, type KeyPress } from '../model/hotkeys';

export interface HotkeyHandlers {
  onAction: (action: Exclude<HotkeyAction, 'talk'>) => void;
  /** Space was pressed down, or let go. */
  onTalk?: ((down: boolean) => void) | undefined;
}

/** Listens on the whole page for as long as `enabled`. */
export function useHotkeys(handlers: HotkeyHandlers, singleKeys: boolean, enabled = true): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    if (!enabled) return undefined;
    return listen(() => latest.current, singleKeys);
  }, [singleKeys, enabled]);
}

function listen(handlers: () => HotkeyHandlers, singleKeys: boolean): () => void {
  let talking = false;
  const talk = (down: boolean) => {
    if (down === talking) return;
    talking = down;
    handlers().onTalk?.(down);
  };
  const onDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const action = actionOf(pressOf(event), focusOf(event.target), singleKeys);
    if (action === undefined) return;
    event.preventDefault();
    if (event.repeat) return;
    if (action === 'talk') talk(true);
    else handlers().onAction(action);
  };
  const onUp = (event: KeyboardEvent) => {
    if (event.key === ' ') talk(false);
  };
  // A key that is let go in another window is never seen here.
  const onBlur = () => talk(false);
  window.addEventListener('keydown', onDown);
  window.addEventListener('keyup', onUp);
  window.addEventListener('blur', onBlur);
  return () => {
    talk(false);
    window.removeEventListener('keydown', onDown);
    window.removeEventListener('keyup', onUp);
    window.removeEventListener('blur', onBlur);
  };
}

function pressOf(event: KeyboardEvent): KeyPress {
  return {
    key: event.key,
    code: event.code,
    ctrl: event.ctrlKey,
    meta: event.metaKey,
    alt: event.altKey,
    shift: event.shiftKey,
  };
}

const TEXT_FIELDS = 'input, textarea, select, [contenteditable]:not([contenteditable="false"])';
const CONTROLS = 'button, a[href], summary, [role="button"], [role="menuitem"], [role="tab"]';

function focusOf(target: EventTarget | null): Focus {
  if (!(target instanceof Element)) return 'page';
  if (target.closest(TEXT_FIELDS)) return 'text';
  return target.closest(CONTROLS) ? 'control' : 'page';
}
