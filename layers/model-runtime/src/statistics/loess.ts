/** A locally constant or a locally linear fit. */
export type Degree = 0 | 1;

export interface LoessOptions {
  /** Values that each fit sees: odd, at least 3. */
  readonly window: number;
  readonly degree: Degree;
  /** Positions that are given before the first and after the last value, too; default 0. */
  readonly margin?: number;
}

interface Neighbours {
  readonly position: number;
  readonly from: number;
  readonly to: number;
  /** Of all values. */
  readonly rows: number;
}

/**
 * Weights of the neighbours in the fit at a position: tricube in the distance, a window beyond all values widening it (Cleveland,
 * Cleveland, McRae and Terpenning 1990, section 2).
 */
function weightsAt({ position, from, to, rows }: Neighbours, { window, degree }: LoessOptions): Float64Array {
  const beyond = window > rows ? Math.floor((window - rows) / 2) : 0;
  const span = Math.max(position - from, to - position) + beyond;
  const weights = new Float64Array(to - from + 1);
  let sum = 0;
  for (let at = from; at <= to; at += 1) {
    const distance = Math.abs(at - position);
    if (distance > 0.999 * span) continue;
    const weight = distance <= 0.001 * span ? 1 : cube(1 - cube(distance / span));
    weights[at - from] = weight;
    sum += weight;
  }
  if (sum === 0) return weights;
  let mean = 0;
  for (let at = from; at <= to; at += 1) {
    weights[at - from] = (weights[at - from] ?? 0) / sum;
    mean += at * (weights[at - from] ?? 0);
  }
  if (degree === 0) return weights;
  let spread = 0;
  for (let at = from; at <= to; at += 1) spread += (weights[at - from] ?? 0) * (at - mean) ** 2;
  // Values that lie closely together show no slope.
  if (Math.sqrt(spread) <= 0.001 * (rows - 1)) return weights;
  const slope = (position - mean) / spread;
  for (let at = from; at <= to; at += 1)
    weights[at - from] = (weights[at - from] ?? 0) * (1 + slope * (at - mean));
  return weights;
}

/** Products: a power costs many times as much. */
function cube(number: number): number {
  return number * number * number;
}

/** Smooths values in even steps. */
export function loess(values: Float64Array, options: LoessOptions): Float64Array {
  const { window, margin = 0 } = options;
  const rows = values.length;
  const smooth = new Float64Array(rows + 2 * margin);
  const half = Math.floor(window / 2);
  // Inside, positions see their neighbours alike: their weights are the same.
  let inside: Float64Array | undefined;
  for (let position = -margin; position < rows + margin; position += 1) {
    const from = window >= rows ? 0 : Math.min(rows - window, Math.max(0, position - half));
    const to = window >= rows ? rows - 1 : from + window - 1;
    const centred = position - from === half && to - position === half;
    const weights =
      centred && inside !== undefined ? inside : weightsAt({ position, from, to, rows }, options);
    if (centred) inside = weights;
    let sum = 0;
    for (let at = from; at <= to; at += 1) sum += (weights[at - from] ?? 0) * (values[at] ?? 0);
    smooth[position + margin] = sum;
  }
  return smooth;
}
