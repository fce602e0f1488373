import { webcrypto } from 'node:crypto';

// Node 18 has Web Crypto, but not under the name that the SDKs look for.
if (!('crypto' in globalThis)) {
  Object.defineProperty(globalThis, 'crypto', { value: webcrypto });
}
