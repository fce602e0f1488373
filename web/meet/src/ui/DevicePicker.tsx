import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { DeviceChoice } from '../platform/devices';
import { IconMicrophone, IconVideo, IconVolume } from './icons';

export type DeviceRole = 'microphone' | 'camera' | 'speaker';

const ICONS = { microphone: IconMicrophone, camera: IconVideo, speaker: IconVolume };

export interface DevicePickerProps {
  device: DeviceRole;
  choices: readonly DeviceChoice[];
  chosen: string | undefined;
  onChoose: (id: string | undefined) => void;
}

/** The system's own list: it is the best one on a phone and for a screen reader. */
export function DevicePicker({ device, choices, chosen, onChoose }: DevicePickerProps) {
  const { t } = useTranslation();
  const Icon = ICONS[device];
  const hasDefault = choices.some((choice) => choice.id === 'default');
  const options = choices.map((choice, index) => ({
    value: choice.id,
    label: choice.label || t(`device.${device}_n`, { number: index + 1 }),
  }));
  const standard = {
    value: '',
    label: choices.length === 0 ? t('device.none') : t('device.default'),
  };
  const known = choices.some((choice) => choice.id === chosen);
  return (
    <NativeSelect
      label={t(`device.${device}`)}
      leftSection={<Icon size={18} />}
      disabled={choices.length === 0}
      value={known ? chosen : hasDefault ? 'default' : ''}
      data={hasDefault ? options : [standard, ...options]}
      onChange={(event) => onChoose(event.currentTarget.value || undefined)}
    />
  );
}
