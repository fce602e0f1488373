import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

process.once('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone when this process ends. Others may pass through it, not list it. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'visavis-it-'));
  chmodSync(folder, 0o711);
  made.push(folder);
  return folder;
}
