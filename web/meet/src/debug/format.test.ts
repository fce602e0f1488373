import { expect, it } from 'vitest';
import { formatFor } from './format';

it.each([
  ['en', '950 kbit/s', '1.5 Mbit/s', '2.5%'],
  ['ru', '950 кбит/с', '1,5 Мбит/с', '2,5 %'],
  ['vi', '950 kbit/s', '1,5 Mbit/s', '2,5%'],
])('numbers in %s', (language, low, high, share) => {
  const format = formatFor(language);
  expect(format.rate(950)).toBe(low);
  expect(format.rate(1500)).toBe(high);
  expect(format.share(0.025).replace(/\s/g, ' ')).toBe(share);
});

it('says nothing of what is not known', () => {
  expect(formatFor('en').rate(null)).toBe('–');
  expect(formatFor('en').time(null)).toBe('–');
});
