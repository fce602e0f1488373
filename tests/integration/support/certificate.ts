import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { runOk } from './program.js';
import { tempFolder } from './temp.js';

const P256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A certificate authority that only this test knows, and the files of one server. */
export class CertificateFiles {
  private readonly folder = tempFolder();
  /** The authority, as a file to be trusted. */
  readonly authority = join(this.folder, 'ca.pem');
  /** What the server reads; `issue` fills both. */
  readonly certificate = join(this.folder, 'server.pem');
  readonly key = join(this.folder, 'server.key');
  private issued = 0;

  static async make(): Promise<CertificateFiles> {
    const files = new CertificateFiles();
    await files.openssl(
      ...['req', '-x509', ...P256, '-days', '2', '-subj', '/CN=Test authority'],
      ...['-keyout', files.path('ca.key'), '-out', files.authority],
      ...[
        '-addext',
        'keyUsage=critical,keyCertSign',
        '-addext',
        'basicConstraints=critical,CA:TRUE',
      ],
    );
    await files.issue();
    return files;
  }

  /** Replaces the server's certificate and key; answers the new serial number. */
  async issue(): Promise<string> {
    this.issued += 1;
    const serial = 1000 + this.issued;
    await this.openssl(
      ...['req', '-x509', ...P256, '-days', '1', '-subj', '/CN=localhost'],
      ...['-CA', this.authority, '-CAkey', this.path('ca.key'), '-set_serial', String(serial)],
      ...['-keyout', this.path('new.key'), '-out', this.path('new.pem')],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ...['-addext', 'basicConstraints=critical,CA:FALSE'],
    );
    copyFileSync(this.path('new.key'), this.key);
    copyFileSync(this.path('new.pem'), this.certificate);
    return serial.toString(16).toUpperCase().padStart(4, '0');
  }

  get trusted(): Buffer {
    return readFileSync(this.authority);
  }

  private path(name: string): string {
    return join(this.folder, name);
  }
  private openssl(...args: string[]): Promise<string> {
    return runOk('openssl', args);
  }
}
