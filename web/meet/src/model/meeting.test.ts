import { describe, expect, it } from 'vitest';
import { tile } from '../testing/models';
import { arrange } from './meeting';

const me = tile({ identity: 'me', isLocal: true });
const ann = tile({ identity: 'ann' });
const bob = tile({ identity: 'bob' });
const bobScreen = tile({ identity: 'bob', kind: 'screen' });
const annScreen = tile({ identity: 'ann', kind: 'screen' });

const grid = { view: 'grid', pinned: undefined, mainSpeaker: undefined } as const;
const speaker = { view: 'speaker', pinned: undefined, mainSpeaker: 'bob' } as const;

function stage(...args: Parameters<typeof arrange>): string {
  const arrangement = arrange(...args);
  return arrangement.mode === 'stage' ? arrangement.stage.key : 'grid';
}

describe('arrange', () => {
  it('lays everybody in the grid', () => {
    expect(arrange([me, ann, bob], grid)).toEqual({ mode: 'grid', tiles: [me, ann, bob] });
  });

  it('puts the main speaker on the stage and the rest beside', () => {
    expect(arrange([me, ann, bob], speaker)).toEqual({
      mode: 'stage',
      stage: bob,
      strip: [me, ann],
    });
  });

  it('puts somebody else on the stage while nobody has spoken', () => {
    expect(stage([me, ann, bob], { ...speaker, mainSpeaker: undefined })).toBe(ann.key);
  });

  it('never puts oneself on the stage for speaking', () => {
    expect(stage([me, ann], { ...speaker, mainSpeaker: 'me' })).toBe(ann.key);
  });

  it('has no stage for one who is alone', () => {
    expect(stage([me], speaker)).toBe('grid');
  });

  it('gives the stage to a shared screen in every view', () => {
    expect(stage([me, ann, bob, bobScreen], grid)).toBe(bobScreen.key);
    expect(stage([me, ann, bob, bobScreen], speaker)).toBe(bobScreen.key);
  });

  it('gives the stage to the screen that came last', () => {
    expect(stage([me, annScreen, bobScreen], grid)).toBe(bobScreen.key);
  });

  it('lets a pin win over everything', () => {
    expect(stage([me, ann, bob, bobScreen], { ...grid, pinned: ann.key })).toBe(ann.key);
  });

  it('forgets a pin whose tile is gone', () => {
    expect(stage([me, ann], { ...grid, pinned: 'nobody:camera' })).toBe('grid');
  });
});
