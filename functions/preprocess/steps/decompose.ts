import { compensatedSum, compensatedSumOfPieces } from '@flts/model-runtime';
import { PIECE_ROWS } from '../columns/column.ts';

/** What is taken away from values: the line or the profile that was found in them. */
export type Removal =
  { readonly is: 'all' } | { readonly is: 'line'; readonly mean: number; readonly slope: number } | Profile;

export interface Profile {
  readonly is: 'profile';
  /** One a phase. */
  readonly means: Float64Array;
}

/** Changes `values` in place. */
export function takeAway(removal: Removal, values: Float64Array): void {
  if (removal.is === 'all') values.fill(0);
  else if (removal.is === 'line') takeLine(values, removal.mean, removal.slope);
  else takeProfile(values, removal.means);
}

function takeLine(values: Float64Array, mean: number, slope: number): void {
  const middle = (values.length - 1) / 2;
  for (let row = 0; row < values.length; row += 1)
    values[row] = (values[row] ?? 0) - mean - slope * (row - middle);
}

function takeProfile(values: Float64Array, means: Float64Array): void {
  for (let row = 0, phase = 0; row < values.length; row += 1) {
    values[row] = (values[row] ?? 0) - (means[phase] ?? 0);
    phase = phase + 1 === means.length ? 0 : phase + 1;
  }
}

/** Of values `lag` rows apart. */
export function sumOfProducts(values: Float64Array, lag: number): number {
  let sum = 0;
  for (let row = lag; row < values.length; row += 1) sum += (values[row] ?? 0) * (values[row - lag] ?? 0);
  return sum;
}

/** sumOfProducts of each of four lags, at once: each sum is made in the order of rows. */
export function sumsAtLags(values: Float64Array, lags: readonly [number, number, number, number]): number[] {
  const longest = Math.min(Math.max(...lags), values.length);
  const head = values.subarray(0, longest);
  let [a = 0, b = 0, c = 0, d = 0] = lags.map((lag) => sumOfProducts(head, lag));
  const [first, second, third, fourth] = lags;
  for (let row = longest; row < values.length; row += 1) {
    const value = values[row] ?? 0;
    a += value * (values[row - first] ?? 0);
    b += value * (values[row - second] ?? 0);
    c += value * (values[row - third] ?? 0);
    d += value * (values[row - fourth] ?? 0);
  }
  return [a, b, c, d];
}

/** sumOfProducts of each lag from 0 to `most`, four at a time: a processor adds to four sums while it waits for one. */
export function sumsOfProducts(values: Float64Array, most: number): number[] {
  const sums: number[] = [];
  while (sums.length <= most) sums.push(...fourSums(values, sums.length));
  return sums.slice(0, most + 1);
}

/** Of lags from `first` on. Each sum is made in the order of rows. */
function fourSums(values: Float64Array, first: number): [number, number, number, number] {
  const end = Math.min(values.length, first + 3);
  const sums: [number, number, number, number] = [0, 0, 0, 0];
  for (let row = first; row < end; row += 1)
    for (let index = 0; index < 4 && first + index <= row; index += 1)
      sums[index] = (sums[index] ?? 0) + (values[row] ?? 0) * (values[row - first - index] ?? 0);
  let [a, b, c, d] = sums;
  for (let row = first + 3; row < values.length; row += 1) {
    const value = values[row] ?? 0;
    const at = row - first;
    a += value * (values[at] ?? 0);
    b += value * (values[at - 1] ?? 0);
    c += value * (values[at - 2] ?? 0);
    d += value * (values[at - 3] ?? 0);
  }
  return [a, b, c, d];
}

/** The least-squares line of `values`; of a constant column all of it. */
export function trendOf(values: Float64Array): Removal {
  if (isConstant(values)) return { is: 'all' };
  const rows = values.length;
  const mean = compensatedSum(values) / rows;
  const middle = (rows - 1) / 2;
  const spread = (rows * (rows * rows - 1)) / 12;
  const moments = madeInPieces(values, (row) => (row - middle) * ((values[row] ?? 0) - mean));
  return { is: 'line', mean, slope: compensatedSumOfPieces(moments) / (spread || 1) };
}

function isConstant(values: Float64Array): boolean {
  for (let row = 1; row < values.length; row += 1) if (values[row] !== values[0]) return false;
  return true;
}

/** A number for each of the rows, some thousand at a time; the next ones take the place of those before. */
export function* madeInPieces(
  { length }: Float64Array,
  make: (row: number) => number,
): Generator<Float64Array> {
  const piece = new Float64Array(Math.min(length, PIECE_ROWS));
  for (let start = 0; start < length; start += piece.length) {
    const rows = Math.min(piece.length, length - start);
    for (let row = 0; row < rows; row += 1) piece[row] = make(start + row);
    yield piece.subarray(0, rows);
  }
}

/** Of what is left of `values` once a profile is taken away. */
export function sumOfSquaresWithout({ means }: Profile, values: Float64Array): number {
  let sum = 0;
  for (let row = 0, phase = 0; row < values.length; row += 1) {
    const left = (values[row] ?? 0) - (means[phase] ?? 0);
    sum += left * left;
    phase = phase + 1 === means.length ? 0 : phase + 1;
  }
  return sum;
}

/** The mean of `values` at each phase of `period`. */
export function profileOf(values: Float64Array, period: number): Profile {
  const sums = new Float64Array(period);
  const counts = new Int32Array(period);
  for (let row = 0, phase = 0; row < values.length; row += 1) {
    sums[phase] = (sums[phase] ?? 0) + (values[row] ?? 0);
    counts[phase] = (counts[phase] ?? 0) + 1;
    phase = phase + 1 === period ? 0 : phase + 1;
  }
  return { is: 'profile', means: sums.map((sum, phase) => sum / (counts[phase] ?? 1)) };
}
