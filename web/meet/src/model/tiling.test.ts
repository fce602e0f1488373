import { describe, expect, it } from 'vitest';
import { bestGrid, keepPlaces, pageOf, tilesPerPage } from './tiling';

const DESK = { width: 1280, height: 700 };
const PHONE = { width: 374, height: 700 };

describe('bestGrid', () => {
  it.each([
    [1, 1, 1],
    [2, 2, 1],
    [3, 2, 2],
    [4, 2, 2],
    [5, 3, 2],
    [6, 3, 2],
    [9, 3, 3],
    [16, 4, 4],
  ])('lays %i tiles on a desk in %i columns and %i rows', (count, columns, rows) => {
    expect(bestGrid(count, DESK, 8)).toMatchObject({ columns, rows });
  });

  it.each([
    [1, 1, 1],
    [2, 1, 2],
    [4, 2, 2],
    [6, 2, 3],
  ])('lays %i tiles on a phone in %i columns and %i rows', (count, columns, rows) => {
    expect(bestGrid(count, PHONE, 8)).toMatchObject({ columns, rows });
  });

  it('never makes tiles that leave the box', () => {
    for (const box of [DESK, PHONE, { width: 844, height: 300 }, { width: 200, height: 90 }]) {
      for (let count = 1; count <= 25; count += 1) {
        const grid = bestGrid(count, box, 8);
        expect(grid.columns * grid.tileWidth + 8 * (grid.columns - 1)).toBeLessThanOrEqual(
          box.width,
        );
        expect(grid.rows * grid.tileHeight + 8 * (grid.rows - 1)).toBeLessThanOrEqual(box.height);
        expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(count);
      }
    }
  });

  it('keeps a tile no wider than 16 to 9 and no narrower than 9 to 16', () => {
    const alone = bestGrid(1, { width: 3000, height: 300 }, 8);
    expect(alone.tileWidth / alone.tileHeight).toBeLessThanOrEqual(16 / 9 + 0.01);
    const tall = bestGrid(1, { width: 300, height: 3000 }, 8);
    expect(tall.tileWidth / tall.tileHeight).toBeGreaterThanOrEqual(9 / 16 - 0.01);
  });

  it('survives a box of no size', () => {
    expect(bestGrid(3, { width: 0, height: 0 }, 8).tileWidth).toBe(0);
  });
});

describe('tilesPerPage', () => {
  it('is 16 on a desk and 6 on a phone, upright or not', () => {
    expect(tilesPerPage(DESK)).toBe(16);
    expect(tilesPerPage(PHONE)).toBe(6);
    expect(tilesPerPage({ width: 844, height: 300 })).toBe(6);
  });
});

describe('pageOf', () => {
  const items = Array.from({ length: 18 }, (_, i) => i);

  it('cuts the list into pages', () => {
    expect(pageOf(items, 1, 16)).toEqual({ items: [16, 17], index: 1, count: 2 });
  });

  it('falls back to the last page when people left', () => {
    expect(pageOf(items.slice(0, 10), 1, 16)).toMatchObject({ index: 0, count: 1 });
  });

  it('has one empty page for nobody', () => {
    expect(pageOf([], 0, 16)).toEqual({ items: [], index: 0, count: 1 });
  });
});

describe('keepPlaces', () => {
  const silence = voices([]);

  function voices(speaking: string[], spoke: [string, number][] = []) {
    return { speaking: new Set(speaking), lastSpokeAt: new Map(spoke) };
  }

  it('keeps places and puts newcomers at the end', () => {
    expect(keepPlaces(['me', 'b', 'c'], ['me', 'd', 'c', 'b'], 6, silence)).toEqual([
      'me',
      'b',
      'c',
      'd',
    ]);
  });

  it('closes the gap of who left', () => {
    expect(keepPlaces(['me', 'b', 'c'], ['me', 'c'], 6, silence)).toEqual(['me', 'c']);
  });

  it('brings a speaker to the first page in place of who was silent longest', () => {
    const people = ['me', 'b', 'c', 'd'];
    const spoke = voices(
      ['d'],
      [
        ['b', 50],
        ['c', 10],
      ],
    );
    const order = keepPlaces(people, people, 3, spoke);
    expect(order).toEqual(['me', 'b', 'd', 'c']);
  });

  it('never gives away the own place', () => {
    const order = keepPlaces(['me', 'b', 'c'], ['me', 'b', 'c'], 2, voices(['b', 'c']));
    expect(order).toEqual(['me', 'b', 'c']);
  });

  it('does not move a speaker who is already in sight', () => {
    const order = keepPlaces(['me', 'b', 'c'], ['me', 'b', 'c'], 3, voices(['c']));
    expect(order).toEqual(['me', 'b', 'c']);
  });
});
