/** What the browser remembers of a person between meetings. Never leaves this device. */

import { createContext, useContext } from 'react';
import { Store, useStore } from '../lib/store';
import { tidyName } from '../model/person';

export interface Settings {
  name: string;
  /** Undefined: as the browser says. */
  language: string | undefined;
  microphoneId: string | undefined;
  cameraId: string | undefined;
  speakerId: string | undefined;
  microphoneOn: boolean;
  cameraOn: boolean;
  singleKeys: boolean;
  hideSelfView: boolean;
}

export const DEFAULT_SETTINGS: Settings = {
  name: '',
  language: undefined,
  microphoneId: undefined,
  cameraId: undefined,
  speakerId: undefined,
  microphoneOn: true,
  cameraOn: true,
  singleKeys: true,
  hideSelfView: false,
};

const STORAGE_KEY = 'visavis.meet.settings';

export type KeyValueStorage = Pick<Storage, 'getItem' | 'setItem'>;

/** Reads once, writes at each change. A browser that forbids storage costs memory, nothing else. */
export function openSettings(storage: KeyValueStorage | undefined): Store<Settings> {
  const store = new Store(readSettings(storage));
  store.subscribe(() => writeSettings(storage, store.value));
  return store;
}

function readSettings(storage: KeyValueStorage | undefined): Settings {
  try {
    return settingsOf(JSON.parse(storage?.getItem(STORAGE_KEY) ?? '{}'));
  } catch {
    return DEFAULT_SETTINGS;
  }
}

function writeSettings(storage: KeyValueStorage | undefined, settings: Settings): void {
  try {
    storage?.setItem(STORAGE_KEY, JSON.stringify(settings));
  } catch {
    // Private windows and full disks refuse; the meeting goes on without a memory.
  }
}

/** Takes what has the right type and leaves the rest: an older or a newer page may have written it. */
function settingsOf(stored: unknown): Settings {
  if (typeof stored !== 'object' || stored === null) return DEFAULT_SETTINGS;
  const fields = stored as Record<string, unknown>;
  const text = (key: keyof Settings) =>
    typeof fields[key] === 'string' && fields[key] !== '' ? fields[key] : undefined;
  const flag = (key: keyof Settings) =>
    typeof fields[key] === 'boolean' ? fields[key] : DEFAULT_SETTINGS[key] === true;
  return {
    name: tidyName(text('name') ?? ''),
    language: text('language'),
    microphoneId: text('microphoneId'),
    cameraId: text('cameraId'),
    speakerId: text('speakerId'),
    microphoneOn: flag('microphoneOn'),
    cameraOn: flag('cameraOn'),
    singleKeys: flag('singleKeys'),
    hideSelfView: flag('hideSelfView'),
  };
}

export const SettingsContext = createContext<Store<Settings>>(openSettings(undefined));

export function useSettings(): [Settings, (change: Partial<Settings>) => void] {
  const store = useContext(SettingsContext);
  return [useStore(store), (change) => store.update(change)];
}

/** Undefined where the browser forbids even to look (blocked cookies). */
export function localStorageOrNothing(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
