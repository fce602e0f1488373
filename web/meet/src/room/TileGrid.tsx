import { useElementSize } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TileModel } from '../model/meeting';
import { bestGrid, pageOf, tilesPerPage } from '../model/tiling';
import { IconChevronLeft, IconChevronRight } from '../ui/icons';
import { Tile, type TileProps } from './Tile';
import classes from './TileGrid.module.css';

const GAP = 10;

export interface TileGridProps extends Omit<TileProps, 'tile' | 'pinned'> {
  tiles: readonly TileModel[];
}

/** Everybody at once, as large as the room allows, in pages when there are many. */
export function TileGrid({ tiles, ...rest }: TileGridProps) {
  const { ref, width, height } = useElementSize();
  const [wantedPage, setPage] = useState(0);
  const page = pageOf(tiles, wantedPage, tilesPerPage({ width, height }));
  const grid = bestGrid(page.items.length, { width, height }, GAP);
  return (
    <div className={classes.frame}>
      <div ref={ref} className={classes.box}>
        <div
          className={classes.grid}
          style={{
            gap: GAP,
            width: grid.columns * grid.tileWidth + (grid.columns - 1) * GAP,
          }}
        >
          {page.items.map((tile) => (
            <div key={tile.key} style={{ width: grid.tileWidth, height: grid.tileHeight }}>
              <Tile tile={tile} pinned={false} {...rest} />
            </div>
          ))}
        </div>
      </div>
      {page.count > 1 ? <Pager index={page.index} count={page.count} onPage={setPage} /> : null}
    </div>
  );
}

interface PagerProps {
  index: number;
  count: number;
  onPage: (index: number) => void;
}

function Pager({ index, count, onPage }: PagerProps) {
  const { t } = useTranslation();
  return (
    <nav className={classes.pager}>
      <button
        type="button"
        className={classes.turn}
        aria-label={t('room.page_previous')}
        disabled={index === 0}
        onClick={() => onPage(index - 1)}
      >
        <IconChevronLeft size={20} aria-hidden="true" />
      </button>
      <span aria-live="polite">{t('room.page', { page: index + 1, pages: count })}</span>
      <button
        type="button"
        className={classes.turn}
        aria-label={t('room.page_next')}
        disabled={index === count - 1}
        onClick={() => onPage(index + 1)}
      >
        <IconChevronRight size={20} aria-hidden="true" />
      </button>
    </nav>
  );
}
