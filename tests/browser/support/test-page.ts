/** Bundles the test page (livekit-client and its driver) and serves it from memory. */

import { createServer } from 'node:http';
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
  const server = createServer((request, response) => {
    const isScript = request.url === '/driver.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : HTML);
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
