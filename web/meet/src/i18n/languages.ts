/** The languages of the pages and the choice among them. */

export const LANGUAGES = [
  { code: 'en', name: 'English' },
  { code: 'ru', name: 'Русский' },
  { code: 'vi', name: 'Tiếng Việt' },
  { code: 'kk', name: 'Қазақша' },
] as const;

export type Language = (typeof LANGUAGES)[number]['code'];

export function languageOf(code: string | undefined): Language | undefined {
  const primary = code?.toLowerCase().split('-')[0];
  return LANGUAGES.find((language) => language.code === primary)?.code;
}

/** The remembered one, else the first of the browser's that we speak, else English. */
export function chooseLanguage(remembered: string | undefined, browser: readonly string[]) {
  const wanted = [remembered, ...browser].map(languageOf);
  return wanted.find((language) => language !== undefined) ?? 'en';
}
