import { describe, expect, it } from 'vitest';
import { SpeakerTracker } from './speakers';

describe('SpeakerTracker', () => {
  it('rings at once', () => {
    const tracker = new SpeakerTracker();
    expect([...tracker.update(0, ['ann']).speaking]).toEqual(['ann']);
  });

  it('keeps the ring through a short pause', () => {
    const tracker = new SpeakerTracker();
    tracker.update(0, ['ann']);
    expect(tracker.update(500, []).speaking.has('ann')).toBe(true);
    expect(tracker.advance(1199).speaking.has('ann')).toBe(true);
    expect(tracker.advance(1200).speaking.has('ann')).toBe(false);
  });

  it('keeps ringing while the server stays silent about a change', () => {
    const tracker = new SpeakerTracker();
    tracker.update(0, ['ann']);
    expect(tracker.advance(60_000).speaking.has('ann')).toBe(true);
  });

  it('gives the empty stage to the first voice', () => {
    expect(new SpeakerTracker().update(0, ['ann', 'bob']).main).toBe('ann');
  });

  it('does not change the main speaker for a cough', () => {
    const tracker = new SpeakerTracker();
    tracker.update(0, ['ann']);
    tracker.update(1000, ['bob', 'ann']);
    tracker.update(1400, ['ann']);
    expect(tracker.advance(5000).main).toBe('ann');
  });

  it('changes the main speaker when another stays loudest', () => {
    const tracker = new SpeakerTracker();
    tracker.update(0, ['ann']);
    tracker.update(1000, ['bob', 'ann']);
    expect(tracker.advance(2400).main).toBe('ann');
    expect(tracker.advance(2600).main).toBe('bob');
  });

  it('changes sooner when the main speaker is silent', () => {
    const tracker = new SpeakerTracker();
    tracker.update(0, ['ann']);
    tracker.update(1000, ['bob']);
    expect(tracker.advance(1300).main).toBe('ann');
    expect(tracker.advance(1450).main).toBe('bob');
  });

  it('keeps the last speaker on the stage in silence', () => {
    const tracker = new SpeakerTracker();
    tracker.update(0, ['ann']);
    expect(tracker.update(1000, []).main).toBe('ann');
    expect(tracker.advance(100_000).main).toBe('ann');
  });

  it('forgets who left', () => {
    const tracker = new SpeakerTracker();
    tracker.update(0, ['ann', 'bob']);
    tracker.forget('ann');
    const view = tracker.advance(100);
    expect(view.speaking.has('ann')).toBe(false);
    expect(view.main).toBe('bob');
  });

  it('is restless only while a ring or a change of speaker is under way', () => {
    const tracker = new SpeakerTracker();
    tracker.update(0, ['ann']);
    expect(tracker.restlessAt(5000)).toBe(false);
    tracker.update(6000, ['bob']);
    expect(tracker.restlessAt(6100)).toBe(true);
    tracker.advance(6400);
    tracker.update(7000, []);
    expect(tracker.restlessAt(7100)).toBe(true);
    tracker.advance(8000);
    expect(tracker.restlessAt(8000)).toBe(false);
  });
});
