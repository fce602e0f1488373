/** Short words to the person at the bottom of the picture, one at a time, the newest on top. */

import { Store } from '../lib/store';
import type { DeviceFailure } from './session';

export type Notice =
  | { kind: 'muted_speech' | 'dead_microphone' | 'talking' | 'restored' | 'link_copied' }
  | { kind: 'device'; failure: DeviceFailure };

/** Undefined: stays until it is taken away. */
const SHOWN_MS: Record<Notice['kind'], number | undefined> = {
  muted_speech: 6000,
  restored: 3000,
  link_copied: 3000,
  device: 12_000,
  dead_microphone: undefined,
  talking: undefined,
};

export class Notices {
  readonly store = new Store<Notice | undefined>(undefined);
  #timer: ReturnType<typeof setTimeout> | undefined;

  show(notice: Notice): void {
    clearTimeout(this.#timer);
    this.store.set(notice);
    const shown = SHOWN_MS[notice.kind];
    if (shown !== undefined) this.#timer = setTimeout(() => this.store.set(undefined), shown);
  }

  /** Takes away the notice of this kind, if it is the one that is shown. */
  hide(kind: Notice['kind']): void {
    if (this.store.value?.kind !== kind) return;
    clearTimeout(this.#timer);
    this.store.set(undefined);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
