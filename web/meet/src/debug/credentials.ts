/** The key that was signed in with. It stays in this tab and goes with it. */

import type { Credentials } from './api';

const NAME = 'visavis.debug.credentials';

function storage(): Storage | undefined {
  try {
    return window.sessionStorage;
  } catch {
    return undefined;
  }
}

export function readCredentials(): Credentials | undefined {
  try {
    const value: unknown = JSON.parse(storage()?.getItem(NAME) ?? 'null');
    if (typeof value !== 'object' || value === null) return undefined;
    const { key, secret } = value as Partial<Credentials>;
    return typeof key === 'string' && typeof secret === 'string' ? { key, secret } : undefined;
  } catch {
    return undefined;
  }
}

export function keepCredentials(credentials: Credentials | undefined): void {
  if (credentials) storage()?.setItem(NAME, JSON.stringify(credentials));
  else storage()?.removeItem(NAME);
}
