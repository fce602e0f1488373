import { MantineProvider } from '@mantine/core';
import { render } from '@testing-library/react';
import type { ReactElement } from 'react';
import { I18nextProvider } from 'react-i18next';
import { openTranslations } from '../i18n/index';
import type { Language } from '../i18n/languages';
import { openSettings, SettingsContext } from '../platform/settings';
import { theme } from '../theme/theme';

export interface RenderOptions {
  language?: Language;
  settings?: ReturnType<typeof openSettings>;
}

/** Renders with everything that the pages find around them. */
export async function renderPage(page: ReactElement, options: RenderOptions = {}) {
  const translations = await openTranslations(options.language ?? 'en');
  const settings = options.settings ?? openSettings(undefined);
  const around = (inner: ReactElement) => (
    <SettingsContext.Provider value={settings}>
      <I18nextProvider i18n={translations}>
        <MantineProvider theme={theme} env="test">
          {inner}
        </MantineProvider>
      </I18nextProvider>
    </SettingsContext.Provider>
  );
  const result = render(around(page));
  return { ...result, settings, show: (next: ReactElement) => result.rerender(around(next)) };
}
