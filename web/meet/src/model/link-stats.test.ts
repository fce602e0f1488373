import { describe, expect, it } from 'vitest';
import { flowOf, toLinkSample } from './link-stats';

describe('toLinkSample', () => {
  it('sums what is received over the tracks', () => {
    const sample = toLinkSample(
      7,
      [
        {
          direction: 'receive',
          entries: [
            { type: 'inbound-rtp', packetsReceived: 90, packetsLost: 10 },
            { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.0415 },
          ],
        },
        {
          direction: 'receive',
          entries: [{ type: 'inbound-rtp', packetsReceived: 50, packetsLost: 0 }],
        },
      ],
      true,
    );
    expect(sample).toEqual({ atMs: 7, packets: 140, lost: 10, roundTripMs: 42, expected: true });
  });

  it('reads what is sent from both reports and takes the longest round trip', () => {
    const sample = toLinkSample(
      0,
      [
        {
          direction: 'send',
          entries: [
            { type: 'outbound-rtp', packetsSent: 100, qualityLimitationReason: 'none' },
            { type: 'outbound-rtp', packetsSent: 40, qualityLimitationReason: 'cpu' },
            { type: 'remote-inbound-rtp', packetsLost: 3, roundTripTime: 0.2 },
            { type: 'remote-inbound-rtp', packetsLost: 1, roundTripTime: 0.1 },
          ],
        },
      ],
      true,
    );
    expect(sample).toMatchObject({ packets: 140, lost: 4, roundTripMs: 200, limitation: 'cpu' });
  });

  it('does not blame a layer that is paused', () => {
    const entries = [
      { type: 'outbound-rtp', packetsSent: 1, active: false, qualityLimitationReason: 'bandwidth' },
    ];
    expect(toLinkSample(0, [{ direction: 'send', entries }], true).limitation).toBeUndefined();
  });

  it('ignores candidate pairs that are not in use', () => {
    const entries = [{ type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 }];
    expect(toLinkSample(0, [{ direction: 'send', entries }], true).roundTripMs).toBeUndefined();
  });

  it('survives fields that are missing, negative or of the wrong type', () => {
    const entries = [
      { type: 'inbound-rtp' },
      { type: 'inbound-rtp', packetsReceived: 'many', packetsLost: -3 },
      { type: 'inbound-rtp', packetsReceived: Number.NaN },
      {},
    ];
    expect(toLinkSample(0, [{ direction: 'receive', entries }], false)).toEqual({
      atMs: 0,
      packets: 0,
      lost: 0,
      expected: false,
    });
  });
});

describe('flowOf', () => {
  const pair = (id: string, bytesReceived: number, nominated = true) => ({
    direction: 'receive' as const,
    entries: [{ type: 'candidate-pair', id, nominated, bytesReceived, responsesReceived: 2 }],
  });

  it('counts a pair that tracks share once', () => {
    expect(flowOf([pair('a', 100), pair('a', 101), pair('b', 50)])).toBe(103 + 52);
  });

  it('is unknown without a pair in use', () => {
    expect(flowOf([pair('a', 100, false)])).toBeUndefined();
    expect(flowOf([])).toBeUndefined();
  });
});
