/** The line of a small chart: values from the left to the right of a box, gaps where none are known. */

export interface Box {
  width: number;
  height: number;
}

/** What stands at the top of the chart: a round number at or above every value. */
export function ceilingOf(values: readonly (number | null)[], least: number): number {
  const highest = Math.max(least, ...values.map((value) => value ?? 0));
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= highest) ?? 10;
  return step * power;
}

export function linePath(
  values: readonly (number | null)[],
  ceiling: number,
  { width, height }: Box,
): string {
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let path = '';
  let drawing = false;
  for (const [at, value] of values.entries()) {
    if (value === null) {
      drawing = false;
      continue;
    }
    const x = round(at * step);
    const y = round(height - (Math.min(value, ceiling) / ceiling) * height);
    path += `${drawing ? 'L' : 'M'}${x} ${y}`;
    drawing = true;
  }
  return path;
}

const round = (value: number): number => Math.round(value * 10) / 10;
