/** Moving between pages without loading them anew. */

import { type ComponentProps, type MouseEvent, useSyncExternalStore } from 'react';

const MOVED = 'visavis:moved';

export function navigate(path: string): void {
  window.history.pushState(null, '', path);
  window.dispatchEvent(new Event(MOVED));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(MOVED, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(MOVED, listener);
  };
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => window.location.pathname);
}

type LinkProps = Omit<ComponentProps<'a'>, 'href' | 'onClick'> & { to: string };

export function Link({ to, ...rest }: LinkProps) {
  const follow = (event: MouseEvent) => {
    // A click with a modifier opens a tab or a window: that is the browser's to do.
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    navigate(to);
  };
  return <a {...rest} href={to} onClick={follow} />;
}
