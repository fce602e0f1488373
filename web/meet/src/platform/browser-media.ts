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
    try {
      const name = kind === 'audio' ? 'microphone' : 'camera';
      const status = await navigator.permissions.query({ name: name as PermissionName });
      return status.state;
    } catch {
      return 'unknown';
    }
  },
};

export function canShareScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === 'function';
}

export function canChooseSpeaker(): boolean {
  return 'setSinkId' in HTMLMediaElement.prototype;
}
