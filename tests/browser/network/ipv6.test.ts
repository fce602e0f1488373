import { expect } from 'vitest';
import { farTest } from '../support/far.ts';

const test = farTest({ family: 'ipv6' });

test('a client that has IPv6 alone is in a call with one that has both', async ({ far }) => {
  const [ann] = await far.meet();
  const addresses = await ann.page.evaluate(async () => {
    const found: string[] = [];
    for (const peer of window.peers) {
      for (const row of (await peer.getStats()).values()) {
        if (row.type === 'candidate-pair' && row.state === 'succeeded' && row.nominated) {
          found.push(String((await peer.getStats()).get(row.remoteCandidateId)?.address));
        }
      }
    }
    return found;
  });
  expect(addresses.length).toBeGreaterThan(0);
  for (const address of addresses) expect(address).toContain(':');
});
