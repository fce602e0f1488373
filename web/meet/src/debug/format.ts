/** Numbers with their units, as each language writes them. */

export interface Format {
  count(value: number): string;
  rate(kbps: number | null): string;
  share(share: number): string;
  time(ms: number | null): string;
}

const NOTHING = '–';

export function formatFor(language: string): Format {
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const some = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const [kilo, mega, milli] = UNITS[language] ?? ['kbit/s', 'Mbit/s', 'ms'];
  return {
    count: (value) => whole.format(value),
    rate: (kbps) => {
      if (kbps === null) return NOTHING;
      return kbps < 1000 ? `${whole.format(kbps)} ${kilo}` : `${some.format(kbps / 1000)} ${mega}`;
    },
    share: (share) => percent.format(share),
    time: (ms) => (ms === null ? NOTHING : `${whole.format(ms)} ${milli}`),
  };
}

const UNITS: Record<string, [string, string, string]> = {
  ru: ['кбит/с', 'Мбит/с', 'мс'],
  kk: ['кбит/с', 'Мбит/с', 'мс'],
};
