import { ActionIcon, NativeSelect, useMantineColorScheme } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { LANGUAGES } from '../i18n/languages';
import { useLanguage } from '../i18n/use-language';
import classes from './AppearanceBar.module.css';
import { IconDeviceDesktop, IconMoon, IconSun, IconWorld } from './icons';

const THEMES = ['auto', 'light', 'dark'] as const;
const ICONS = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon };

/** Language and theme, in the corner of the pages outside the meeting. */
export function AppearanceBar() {
  return (
    <div className={classes.bar}>
      <LanguageSelect />
      <ThemeButton />
    </div>
  );
}

export function LanguageSelect({ labelled = false }: { labelled?: boolean }) {
  const { t } = useTranslation();
  const [language, setLanguage] = useLanguage();
  return (
    <NativeSelect
      label={labelled ? t('appearance.language') : undefined}
      aria-label={t('appearance.language')}
      leftSection={<IconWorld size={18} />}
      value={language}
      onChange={(event) => setLanguage(event.currentTarget.value)}
      data={LANGUAGES.map(({ code, name }) => ({ value: code, label: name }))}
    />
  );
}

function ThemeButton() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = ICONS[colorScheme];
  const next = THEMES[(THEMES.indexOf(colorScheme) + 1) % THEMES.length] ?? 'auto';
  const label = `${t('appearance.theme')}: ${t(`appearance.theme_${colorScheme}`)}`;
  return (
    <ActionIcon
      variant="default"
      size={36}
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(next)}
    >
      <Icon size={18} />
    </ActionIcon>
  );
}

export function ThemeSelect() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <NativeSelect
      label={t('appearance.theme')}
      value={colorScheme}
      onChange={(event) => {
        const theme = THEMES.find((name) => name === event.currentTarget.value);
        if (theme) setColorScheme(theme);
      }}
      data={THEMES.map((name) => ({ value: name, label: t(`appearance.theme_${name}`) }))}
    />
  );
}
