import { expect, it } from 'vitest';
import { browserFamilyOf } from './browser';

const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';

it.each([
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36', 0, 'chrome'],
  ['Mozilla/5.0 (Linux; Android 15) Chrome/156.0 Mobile Safari/537.36', 5, 'chrome_android'],
  ['Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36 Edg/156.0', 0, 'edge'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0', 0, 'firefox'],
  ['Mozilla/5.0 (Android 15; Mobile; rv:153.0) Gecko/153.0 Firefox/153.0', 5, 'firefox_android'],
  [`${MAC} AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15`, 0, 'safari'],
  [`${MAC} AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15`, 5, 'safari_ios'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 26_0) CriOS/156.0 Mobile Safari/604.1', 5, 'safari_ios'],
  ['curl/8', 0, 'other'],
])('%s with %i touch points is %s', (agent, touchPoints, family) => {
  expect(browserFamilyOf(agent, touchPoints)).toBe(family);
});
