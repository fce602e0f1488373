/** i18next with one catalogue in memory: that of the language in use. */

import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type en from './catalogues/en.json';
import type { Language } from './languages';

export type Catalogue = typeof en;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: Catalogue };
  }
}

const LOADERS: Record<Language, () => Promise<{ default: unknown }>> = {
  en: () => import('./catalogues/en.json'),
  ru: () => import('./catalogues/ru.json'),
  vi: () => import('./catalogues/vi.json'),
  kk: () => import('./catalogues/kk.json'),
};

export async function openTranslations(language: Language): Promise<i18n> {
  const instance = i18next.createInstance();
  await instance.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    // React escapes what it shows.
    interpolation: { escapeValue: false },
    returnNull: false,
    showSupportNotice: false,
  });
  await switchLanguage(instance, language);
  return instance;
}

/** Loads the catalogue first, so that no key is ever seen in place of its text. */
export async function switchLanguage(instance: i18n, language: Language): Promise<void> {
  if (!instance.hasResourceBundle(language, 'translation')) {
    const catalogue = await LOADERS[language]();
    instance.addResourceBundle(language, 'translation', catalogue.default);
  }
  await instance.changeLanguage(language);
  if (typeof document !== 'undefined') document.documentElement.lang = language;
}
