/** Once for the whole suite: a server, a Chromium and the test page. */

import type { TestProject } from 'vitest/node';
import { serveChromium } from './browsers.ts';
import { startServer } from './server.ts';
import { serveTestPage } from './test-page.ts';

declare module 'vitest' {
  interface ProvidedContext {
    server: string;
    chromium: string;
    testPage: string;
  }
}

export default async function setup(project: TestProject) {
  const [server, chromium, page] = await Promise.all([
    startServer(),
    serveChromium(),
    serveTestPage(),
  ]);
  project.provide('server', server.url);
  project.provide('chromium', chromium.wsEndpoint());
  project.provide('testPage', page.url);
  return async () => {
    page.close();
    await chromium.close();
    await server.stop();
  };
}
