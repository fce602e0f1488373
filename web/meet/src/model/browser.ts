/** Which browser it is, as far as the words about permissions depend on it. */

export type BrowserFamily =
  | 'chrome'
  | 'chrome_android'
  | 'edge'
  | 'firefox'
  | 'firefox_android'
  | 'safari'
  | 'safari_ios'
  | 'other';

export function browserFamilyOf(userAgent: string, touchPoints = 0): BrowserFamily {
  const agent = userAgent;
  // Every browser of iOS is Safari inside; an iPad says it is a Mac, but has touch points.
  if (/iPhone|iPod|iPad/.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1)) {
    return 'safari_ios';
  }
  const android = /Android/.test(agent);
  if (/Firefox\//.test(agent)) return android ? 'firefox_android' : 'firefox';
  if (/Edg\//.test(agent)) return 'edge';
  if (/Chrome\/|Chromium\//.test(agent)) return android ? 'chrome_android' : 'chrome';
  return /Safari\//.test(agent) ? 'safari' : 'other';
}
