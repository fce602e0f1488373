/** The devices one can choose from, kept up to date while somebody looks. */

import { useEffect, useState } from 'react';

export interface DeviceChoice {
  id: string;
  label: string;
}

export interface DeviceLists {
  microphones: DeviceChoice[];
  cameras: DeviceChoice[];
  speakers: DeviceChoice[];
}

const NONE: DeviceLists = { microphones: [], cameras: [], speakers: [] };

type DeviceInfo = Pick<MediaDeviceInfo, 'deviceId' | 'kind' | 'label'>;

/** Devices without an id are placeholders that the browser shows before permission. */
export function listDevices(devices: readonly DeviceInfo[]): DeviceLists {
  const of = (kind: MediaDeviceKind) =>
    devices
      .filter((device) => device.kind === kind && device.deviceId !== '')
      .map((device) => ({ id: device.deviceId, label: device.label }));
  return {
    microphones: of('audioinput'),
    cameras: of('videoinput'),
    speakers: of('audiooutput'),
  };
}

export function watchDevices(onChange: () => void): () => void {
  const source = navigator.mediaDevices;
  source?.addEventListener?.('devicechange', onChange);
  return () => source?.removeEventListener?.('devicechange', onChange);
}

/** `version`: anything that changes when permission may have been given, which brings the labels. */
export function useDevices(version: unknown): DeviceLists {
  const [lists, setLists] = useState(NONE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version is the reason to look again
  useEffect(() => {
    const source = navigator.mediaDevices;
    if (!source?.enumerateDevices) return undefined;
    let gone = false;
    const refresh = () => {
      source.enumerateDevices().then(
        (devices) => gone || setLists(listDevices(devices)),
        () => gone || setLists(NONE),
      );
    };
    refresh();
    const stop = watchDevices(refresh);
    return () => {
      gone = true;
      stop();
    };
  }, [version]);
  return lists;
}
