/** Where tiles go: the best grid for a box, and which tiles are on the page one looks at. */

export interface Box {
  width: number;
  height: number;
}

export interface Grid {
  columns: number;
  rows: number;
  tileWidth: number;
  tileHeight: number;
}

const WIDEST = 16 / 9;
const NARROWEST_IN_LANDSCAPE = 4 / 3;
const NARROWEST_IN_PORTRAIT = 9 / 16;

/** The grid whose tiles are largest; faces stay uncut because the tile's shape is bounded. */
export function bestGrid(count: number, box: Box, gap: number): Grid {
  let best: Grid = { columns: 1, rows: Math.max(1, count), tileWidth: 0, tileHeight: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const tile = fitTile(cellOf(box, columns, rows, gap), box.height > box.width);
    if (tile.width * tile.height > best.tileWidth * best.tileHeight) {
      best = { columns, rows, tileWidth: tile.width, tileHeight: tile.height };
    }
  }
  return best;
}

function cellOf(box: Box, columns: number, rows: number, gap: number): Box {
  return {
    width: Math.max(0, (box.width - gap * (columns - 1)) / columns),
    height: Math.max(0, (box.height - gap * (rows - 1)) / rows),
  };
}

function fitTile(cell: Box, portrait: boolean): Box {
  const narrowest = portrait ? NARROWEST_IN_PORTRAIT : NARROWEST_IN_LANDSCAPE;
  if (cell.height <= 0) return { width: 0, height: 0 };
  const shape = cell.width / cell.height;
  if (shape > WIDEST) return floored(cell.height * WIDEST, cell.height);
  if (shape < narrowest) return floored(cell.width, cell.width / narrowest);
  return floored(cell.width, cell.height);
}

function floored(width: number, height: number): Box {
  return { width: Math.floor(width), height: Math.floor(height) };
}

/** A phone shows few tiles at a time, a desk many. */
export function tilesPerPage(box: Box): number {
  return Math.min(box.width, box.height) < 480 || box.width < 600 ? 6 : 16;
}

export interface Page<T> {
  items: T[];
  index: number;
  count: number;
}

/** The page that was asked for, or the nearest one that exists. */
export function pageOf<T>(items: readonly T[], index: number, perPage: number): Page<T> {
  const count = Math.max(1, Math.ceil(items.length / perPage));
  const shown = Math.min(Math.max(0, index), count - 1);
  return { items: items.slice(shown * perPage, (shown + 1) * perPage), index: shown, count };
}

export interface Voices {
  speaking: ReadonlySet<string>;
  lastSpokeAt: ReadonlyMap<string, number>;
}

/**
 * The order of tiles for the next picture. People keep their places; newcomers go to the end; who
 * speaks on a later page changes places with the first-page tile that has been silent the longest.
 */
export function keepPlaces(
  previous: readonly string[],
  present: readonly string[],
  firstPage: number,
  voices: Voices,
): string[] {
  const here = new Set(present);
  const kept = previous.filter((key) => here.has(key));
  const known = new Set(kept);
  const order = [...kept, ...present.filter((key) => !known.has(key))];
  for (let place = firstPage; place < order.length; place += 1) {
    const speaker = order[place];
    if (speaker === undefined || !voices.speaking.has(speaker)) continue;
    const quietest = quietestPlace(order.slice(0, firstPage), voices);
    const replaced = quietest === undefined ? undefined : order[quietest];
    if (quietest === undefined || replaced === undefined) break;
    order[quietest] = speaker;
    order[place] = replaced;
  }
  return order;
}

/** The first place is one's own and is never given away. */
function quietestPlace(page: readonly string[], voices: Voices): number | undefined {
  let quietest: number | undefined;
  let quietestAt = Number.POSITIVE_INFINITY;
  page.forEach((key, place) => {
    const spokeAt = voices.lastSpokeAt.get(key) ?? Number.NEGATIVE_INFINITY;
    if (place === 0 || voices.speaking.has(key) || spokeAt >= quietestAt) return;
    quietest = place;
    quietestAt = spokeAt;
  });
  return quietest;
}
