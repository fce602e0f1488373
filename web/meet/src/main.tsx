import './theme/base.css';
import { MantineProvider } from '@mantine/core';
import type { i18n } from 'i18next';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { App } from './app/App';
import { openTranslations } from './i18n/index';
import { chooseLanguage } from './i18n/languages';
import { localStorageOrNothing, openSettings, SettingsContext } from './platform/settings';
import { theme } from './theme/theme';

const settings = openSettings(localStorageOrNothing());
const language = chooseLanguage(settings.value.language, navigator.languages);

function show(translations: i18n, root: HTMLElement): void {
  createRoot(root).render(
    <StrictMode>
      <SettingsContext.Provider value={settings}>
        <I18nextProvider i18n={translations}>
          <MantineProvider theme={theme} defaultColorScheme="auto">
            <App />
          </MantineProvider>
        </I18nextProvider>
      </SettingsContext.Provider>
    </StrictMode>,
  );
}

const root = document.getElementById('root');
if (!root) throw new Error('the page has no #root');
openTranslations(language).then(
  (translations) => show(translations, root),
  () => {
    // Without a catalogue there are no words in any language but this one.
    root.textContent = 'Visavis could not be loaded. Please reload the page.';
  },
);
