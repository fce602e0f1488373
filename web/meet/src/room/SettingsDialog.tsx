import './settings-dialog.css';
import { Kbd, Modal, Switch, Tabs } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { SHORTCUTS } from '../model/hotkeys';
import type { DeviceLists } from '../platform/devices';
import type { Settings } from '../platform/settings';
import { LanguageSelect, ThemeSelect } from '../ui/AppearanceBar';
import { DevicePicker } from '../ui/DevicePicker';
import { LevelMeter } from '../ui/LevelMeter';
import { SpeakerTest } from '../ui/SpeakerTest';
import classes from './SettingsDialog.module.css';

export type SettingsTab = 'devices' | 'appearance' | 'shortcuts';

export interface SettingsDialogProps {
  tab: SettingsTab;
  settings: Settings;
  devices: DeviceLists;
  speakerChoice: boolean;
  microphone: MediaStreamTrack | undefined;
  onTab: (tab: SettingsTab) => void;
  onSettings: (change: Partial<Settings>) => void;
  onClose: () => void;
}

const TABS: readonly SettingsTab[] = ['devices', 'appearance', 'shortcuts'];

export default function SettingsDialog(props: SettingsDialogProps) {
  const { t } = useTranslation();
  const narrow = useMediaQuery('(max-width: 560px)');
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={t('settings.title')}
      classNames={{ title: classes.title ?? '' }}
      size={560}
      radius="lg"
      fullScreen={narrow}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Tabs
        value={props.tab}
        onChange={(value) => {
          const tab = TABS.find((name) => name === value);
          if (tab) props.onTab(tab);
        }}
      >
        <Tabs.List mb="md">
          {TABS.map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {t(`settings.${tab}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="devices">
          <Devices {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="appearance">
          <Appearance {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="shortcuts">
          <Shortcuts {...props} />
        </Tabs.Panel>
      </Tabs>
    </Modal>
  );
}

function Devices({
  settings,
  devices,
  speakerChoice,
  microphone,
  onSettings,
}: SettingsDialogProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.fields}>
      <div>
        <DevicePicker
          device="microphone"
          choices={devices.microphones}
          chosen={settings.microphoneId}
          onChoose={(microphoneId) => onSettings({ microphoneId })}
        />
        <div className={classes.meter}>
          <LevelMeter track={microphone} label={t('prejoin.level')} />
        </div>
      </div>
      <DevicePicker
        device="camera"
        choices={devices.cameras}
        chosen={settings.cameraId}
        onChoose={(cameraId) => onSettings({ cameraId })}
      />
      {speakerChoice ? (
        <DevicePicker
          device="speaker"
          choices={devices.speakers}
          chosen={settings.speakerId}
          onChoose={(speakerId) => onSettings({ speakerId })}
        />
      ) : null}
      <div>
        <SpeakerTest speakerId={settings.speakerId} />
      </div>
    </div>
  );
}

function Appearance({ settings, onSettings }: SettingsDialogProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.fields}>
      <LanguageSelect labelled />
      <ThemeSelect />
      <Switch
        label={t('settings.hide_self')}
        description={t('settings.hide_self_note')}
        checked={settings.hideSelfView}
        onChange={(event) => onSettings({ hideSelfView: event.currentTarget.checked })}
      />
    </div>
  );
}

function Shortcuts({ settings, onSettings }: SettingsDialogProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.fields}>
      <Switch
        label={t('settings.single_keys')}
        description={t('settings.single_keys_note')}
        checked={settings.singleKeys}
        onChange={(event) => onSettings({ singleKeys: event.currentTarget.checked })}
      />
      <dl className={classes.shortcuts}>
        {SHORTCUTS.map((line) => (
          <div
            key={line.keys.join('+')}
            className={classes.shortcut}
            data-off={line.single && !settings.singleKeys}
          >
            <dt>{t(`shortcut.${line.action}`)}</dt>
            <dd>
              {line.keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
