/** The browser's own media devices behind the port that the rest of the page uses. */

import type { MediaKind, MediaPort } from './acquire';

export const browserMedia: MediaPort = {
  async getUserMedia(constraints) {
    // Without https the browser has no mediaDevices at all.
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new DOMException('media devices need a secure page', 'SecurityError');
    }
    return navigator.mediaDevices.getUserMedia(constraints);
  },

  async permission(kind: MediaKind) {
    return (await permissionOf(kind))?.state ?? 'unknown';
  },
};

/** Not every browser knows these names, nor tells. */
async function permissionOf(kind: MediaKind): Promise<PermissionStatus | undefined> {
  const name = kind === 'audio' ? 'microphone' : 'camera';
  try {
    return await navigator.permissions.query({ name: name as PermissionName });
  } catch {
    return undefined;
  }
}

/** Calls when somebody unblocks a device in the browser's settings. */
export function watchGrants(onGranted: () => void): () => void {
  let stopped = false;
  const ends: (() => void)[] = [];
  for (const kind of ['audio', 'video'] as const) {
    void permissionOf(kind).then((status) => {
      if (!status || stopped) return;
      const onChange = () => {
        if (status.state === 'granted') onGranted();
      };
      status.addEventListener('change', onChange);
      ends.push(() => status.removeEventListener('change', onChange));
    });
  }
  return () => {
    stopped = true;
    for (const end of ends) end();
  };
}

export function canShareScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === 'function';
}

export function canChooseSpeaker(): boolean {
  return 'setSinkId' in HTMLMediaElement.prototype;
}
