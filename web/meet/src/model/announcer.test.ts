import { describe, expect, it } from 'vitest';
import { Announcer } from './announcer';

describe('Announcer', () => {
  it('tells the first news at once', () => {
    const announcer = new Announcer();
    announcer.add('a', 'Ann', 'joined');
    expect(announcer.dueInMs(0)).toBe(0);
    expect(announcer.take(0)).toEqual([{ type: 'one', coming: 'joined', name: 'Ann' }]);
  });

  it('gathers what follows and counts it', () => {
    const announcer = new Announcer();
    announcer.add('a', 'Ann', 'joined');
    announcer.take(0);
    announcer.add('b', 'Bob', 'joined');
    announcer.add('c', 'Cy', 'joined');
    announcer.add('a', 'Ann', 'left');
    expect(announcer.take(1000)).toEqual([]);
    expect(announcer.dueInMs(1000)).toBe(3000);
    expect(announcer.take(4000)).toEqual([
      { type: 'many', coming: 'joined', count: 2 },
      { type: 'one', coming: 'left', name: 'Ann' },
    ]);
  });

  it('does not mention who came and went in between', () => {
    const announcer = new Announcer();
    announcer.add('a', 'Ann', 'joined');
    announcer.take(0);
    announcer.add('b', 'Bob', 'joined');
    announcer.add('b', 'Bob', 'left');
    expect(announcer.dueInMs(5000)).toBeUndefined();
    expect(announcer.take(5000)).toEqual([]);
  });
});
