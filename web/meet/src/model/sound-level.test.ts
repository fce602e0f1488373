import { describe, expect, it } from 'vitest';
import { DeadMicrophoneDetector, loudnessOf, MutedSpeechDetector, meterOf } from './sound-level';

describe('loudnessOf', () => {
  it('is the root mean square', () => {
    expect(loudnessOf([])).toBe(0);
    expect(loudnessOf([0, 0])).toBe(0);
    expect(loudnessOf([0.5, -0.5])).toBeCloseTo(0.5);
  });
});

describe('meterOf', () => {
  it('goes from nothing to full in decibels', () => {
    expect(meterOf(0)).toBe(0);
    expect(meterOf(0.001)).toBe(0);
    expect(meterOf(1)).toBe(1);
    expect(meterOf(0.0158)).toBeCloseTo(0.5, 1);
  });
});

describe('DeadMicrophoneDetector', () => {
  it('speaks up after six seconds of exact silence', () => {
    const detector = new DeadMicrophoneDetector();
    expect(detector.add(0, 0)).toBe(false);
    expect(detector.add(5999, 0)).toBe(false);
    expect(detector.add(6000, 0)).toBe(true);
  });

  it('takes it back with the first sound', () => {
    const detector = new DeadMicrophoneDetector();
    detector.add(0, 0);
    detector.add(6000, 0);
    expect(detector.add(6100, 0.0002)).toBe(false);
  });

  it('lets a microphone be silent that was heard before', () => {
    const detector = new DeadMicrophoneDetector();
    detector.add(0, 0.0002);
    expect(detector.add(60_000, 0)).toBe(false);
  });
});

describe('MutedSpeechDetector', () => {
  function talk(detector: MutedSpeechDetector, from: number, ms: number, loudness: number) {
    let hints = 0;
    for (let now = from; now <= from + ms; now += 100) hints += detector.add(now, loudness) ? 1 : 0;
    return hints;
  }

  it('hints once when somebody talks', () => {
    expect(talk(new MutedSpeechDetector(), 0, 5000, 0.05)).toBe(1);
  });

  it('does not mind a knock or a quiet room', () => {
    expect(talk(new MutedSpeechDetector(), 0, 300, 0.3)).toBe(0);
    expect(talk(new MutedSpeechDetector(), 0, 60_000, 0.002)).toBe(0);
  });

  it('waits half a minute before it hints again', () => {
    const detector = new MutedSpeechDetector();
    talk(detector, 0, 5000, 0.05);
    expect(talk(detector, 10_000, 5000, 0.05)).toBe(0);
    expect(talk(detector, 40_000, 5000, 0.05)).toBe(1);
  });
});
