import type { Arrangement, TileModel } from '../model/meeting';
import classes from './Stage.module.css';
import { Tile, type TileProps } from './Tile';
import { TileGrid } from './TileGrid';

export interface StageProps extends Omit<TileProps, 'tile' | 'pinned'> {
  arrangement: Arrangement;
  pinned: string | undefined;
}

/** The pictures: all alike in a grid, or one large and the others beside it. */
export function Stage({ arrangement, pinned, ...rest }: StageProps) {
  if (arrangement.mode === 'grid') return <TileGrid tiles={arrangement.tiles} {...rest} />;
  return (
    <div className={classes.stage} data-alone={arrangement.strip.length === 0}>
      <div className={classes.main}>
        <Tile tile={arrangement.stage} pinned={arrangement.stage.key === pinned} {...rest} />
      </div>
      {arrangement.strip.length > 0 ? <Strip tiles={arrangement.strip} {...rest} /> : null}
    </div>
  );
}

/** Whoever is out of sight is not received either: adaptive streaming follows the scrolling. */
function Strip({ tiles, ...rest }: Omit<TileProps, 'tile' | 'pinned'> & { tiles: TileModel[] }) {
  return (
    <div className={classes.strip}>
      {tiles.map((tile) => (
        <div key={tile.key} className={classes.small}>
          <Tile tile={tile} pinned={false} {...rest} />
        </div>
      ))}
    </div>
  );
}
