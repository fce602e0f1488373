import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHROMIUM } from '../support/browsers.ts';
import { Call } from '../support/call.ts';
import { type CertificateFiles, makeCertificate } from '../support/certificate.ts';
import { near } from '../support/matchers.ts';
import { type Server, startServer } from '../support/server.ts';

let files: CertificateFiles;
let server: Server;
let browser: Browser;

beforeAll(async () => {
  files = await makeCertificate();
  server = await startServer({
    env: {
      VISAVIS_HTTP_CERTIFICATE: files.certificate,
      VISAVIS_HTTP_PRIVATE_KEY: files.key,
      VISAVIS_TURN_DOMAIN: 'localhost',
    },
  });
  // The flag counts for the TLS of TURN as well, which the ignoring of a page's errors does not.
  browser = await chromium.launch({
    ...CHROMIUM,
    args: [...(CHROMIUM.args ?? []), '--ignore-certificate-errors'],
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await files?.remove();
});

test('pages, signalling and media of a call share one TLS port', async () => {
  const call = new Call(browser, true);
  const url = `https://localhost:${new URL(server.url).port}`;
  const join = async (identity: string, way?: 'turn-tls') => {
    const client = await call.open(identity);
    const ticket = await call.ticket(identity, way ? { way } : {});
    await client.join({ ...ticket, url });
    return client;
  };
  const [ann, bob] = await Promise.all([join('ann', 'turn-tls'), join('bob')]);
  await Promise.all([ann.publishPicture('red'), ann.publishTone(440), bob.publishPicture('blue')]);
  await expect.poll(() => bob.video('ann')).toMatchObject({ shows: 'red' });
  await expect.poll(() => bob.audio('ann')).toMatchObject({ hertz: near(440) });
  await expect.poll(() => ann.video('bob')).toMatchObject({ shows: 'blue' });
  expect(await ann.paths()).toEqual([{ local: 'relay', protocol: 'tls' }]);
  await call.end();
});
