import { useEffect, useState } from 'react';

export type CopyState = 'idle' | 'copied' | 'failed';

const SHOWN_MS = 3000;

export function useCopyLink(): { state: CopyState; copy: () => void } {
  const [state, setState] = useState<CopyState>('idle');
  useEffect(() => {
    if (state === 'idle') return undefined;
    const timer = setTimeout(() => setState('idle'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () => {
    const link = window.location.origin + window.location.pathname;
    // Without https there is no clipboard at all.
    const writing = navigator.clipboard?.writeText(link) ?? Promise.reject(new Error('insecure'));
    writing.then(
      () => setState('copied'),
      () => setState('failed'),
    );
  };
  return { state, copy };
}
