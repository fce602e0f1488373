/** Bundles the test page (livekit-client and its driver) and serves it from memory. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';

export interface TestPage {
  readonly url: string;
  close(): void;
}

const HTML =
  '<!doctype html><meta charset="utf-8"><title>driver</title><script src="/driver.js"></script>';

export async function serveTestPage(address = '127.0.0.1'): Promise<TestPage> {
  const bundle = await build({
    entryPoints: [new URL('../page/driver.ts', import.meta.url).pathname],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    write: false,
    logLevel: 'error',
  });
  const script = bundle.outputFiles[0]?.text ?? '';
  const require = createRequire(import.meta.url);
  const scripts: Record<string, string | Buffer> = {
    '/driver.js': script,
    '/e2ee.worker.js': await readFile(require.resolve('livekit-client/e2ee-worker')),
  };
  const server = createServer((request, response) => {
    const asked = scripts[request.url ?? ''];
    response.setHeader('content-type', asked ? 'text/javascript' : 'text/html');
    response.end(asked ?? HTML);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  const host = address.includes(':') ? `[${address}]` : address;
  return {
    url: `http://${host}:${port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
