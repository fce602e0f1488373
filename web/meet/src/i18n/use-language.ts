import { useTranslation } from 'react-i18next';
import { useSettings } from '../platform/settings';
import { switchLanguage } from './index';
import { type Language, languageOf } from './languages';

/** The language in use, and how to choose another that is remembered. */
export function useLanguage(): [Language, (code: string) => void] {
  const { i18n } = useTranslation();
  const [, setSettings] = useSettings();
  const choose = (code: string) => {
    const language = languageOf(code);
    if (!language) return;
    setSettings({ language });
    void switchLanguage(i18n, language);
  };
  return [languageOf(i18n.language) ?? 'en', choose];
}
