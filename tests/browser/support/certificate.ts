/** A certificate for `localhost` that no authority has signed. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
  remove(): Promise<void>;
}

export async function makeCertificate(): Promise<CertificateFiles> {
  const folder = await mkdtemp(path.join(tmpdir(), 'visavis-certificate-'));
  const certificate = path.join(folder, 'server.pem');
  const key = path.join(folder, 'server.key');
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ...['-keyout', key, '-out', certificate],
  ]);
  return { certificate, key, remove: () => rm(folder, { recursive: true, force: true }) };
}
