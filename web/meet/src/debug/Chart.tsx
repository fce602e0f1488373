import classes from './Chart.module.css';
import { ceilingOf, linePath } from './chart';

export interface ChartProps {
  label: string;
  values: readonly (number | null)[];
  /** The least that the top of the chart stands for. */
  least: number;
  format: (value: number) => string;
}

const BOX = { width: 240, height: 56 };

/** How one number went in the last minutes; its latest and its highest value in words. */
export function Chart({ label, values, least, format }: ChartProps) {
  const ceiling = ceilingOf(values, least);
  const known = values.filter((value) => value !== null);
  const latest = known.at(-1);
  return (
    <figure className={classes.chart}>
      <figcaption className={classes.caption}>
        <span>{label}</span>
        <strong>{latest === undefined ? '–' : format(latest)}</strong>
      </figcaption>
      <svg
        className={classes.picture}
        viewBox={`0 -2 ${BOX.width} ${BOX.height + 4}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        focusable="false"
      >
        <path className={classes.ground} d={`M0 ${BOX.height}H${BOX.width}`} />
        <path className={classes.line} d={linePath(values, ceiling, BOX)} />
      </svg>
      <span className={classes.ceiling}>{`≤ ${format(ceiling)}`}</span>
    </figure>
  );
}
