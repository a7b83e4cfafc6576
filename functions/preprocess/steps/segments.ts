import { historyRows, type History, type RowRange, type Segments } from '@flts/model-runtime';
import { AUTO, AUTO_LENGTH } from '../../shared/settings/training.ts';
import { DataError, FltsError } from '../../shared/errors.ts';
import { firstAtLeast, valueAt, type Column } from '../columns/column.ts';

const WITH_TEST_FILE = [0.8, 0.1, 0.1];
const WITHOUT_TEST_FILE = [0.7, 0.1, 0.1, 0.1];

/**
 * The shares in force: of fit, validate, select (and test, where there is no test file).
 * @throws FltsError setting_invalid where SPLIT has another number of parts or does not add up to 1
 */
export function sharesInForce(split: readonly number[], hasTestFile: boolean): readonly number[] {
  const usual = hasTestFile ? WITH_TEST_FILE : WITHOUT_TEST_FILE;
  if (split.length === 0) return usual;
  const sum = split.reduce((total, share) => total + share, 0);
  if (split.length === usual.length && Math.abs(sum - 1) < 1e-9) return split;
  throw new FltsError(
    'setting_invalid',
    `SPLIT: expected ${usual.length} shares ${hasTestFile ? 'with' : 'without'} a test file that add up to 1, got ${split.join(',')}`,
    { status: 400 },
  );
}

/** Where the segments begin, epoch ms. */
export interface Cuts {
  readonly validate: number;
  readonly select: number;
  /** Infinity where nothing is left for it. */
  readonly test: number;
}

/**
 * Cuts by rows of the source, so that rows which are inserted or dropped later move no cut.
 * `ts`: the training file's; `testTs`: the test file's.
 */
export function cutTimes(ts: Column, testTs: Column | undefined, shares: readonly number[]): Cuts {
  const [fit = 0, validate = 0, select = 0] = shares;
  // A share times rows may come out a hair below the whole number that is meant.
  const at = (share: number): number =>
    valueAt(ts, Math.floor(share * ts.length + 1e-9)) ?? Number.POSITIVE_INFINITY;
  const test =
    testTs === undefined ? at(fit + validate + select) : (valueAt(testTs, 0) ?? Number.POSITIVE_INFINITY);
  return {
    validate: Math.min(at(fit), test),
    select: Math.min(at(fit + validate), test),
    test,
  };
}

/** Row ranges of the segments among rows in time order. */
export function segmentsOf(ts: Column, cuts: Cuts): Segments {
  const from = (time: number): number => firstAtLeast(ts, time);
  const [validate, select, test] = [from(cuts.validate), from(cuts.select), from(cuts.test)];
  return {
    fit: { start: 0, end: validate },
    validate: { start: validate, end: select },
    select: { start: select, end: test },
    test: { start: test, end: ts.length },
  };
}

/**
 * A model needs one window in `fit`, after the rows that its first row's derived columns look back on, and one horizon in
 * each other segment (context may reach back).
 * @throws DataError rows_insufficient, with the numbers
 */
export function requireRows(
  { segments, history }: { readonly segments: Segments; readonly history?: History | undefined },
  settings: { readonly INPUT_SEQ_LEN: number; readonly OUTPUT_SEQ_LEN: number },
  place: string,
): void {
  // What is auto is chosen by the rows.
  const [INPUT_SEQ_LEN, OUTPUT_SEQ_LEN] = [settings.INPUT_SEQ_LEN, settings.OUTPUT_SEQ_LEN].map((length) =>
    length === AUTO_LENGTH ? 1 : length,
  ) as [number, number];
  const lead = historyRows(history);
  const named: [string, RowRange, number][] = [
    ['fit', segments.fit, lead + INPUT_SEQ_LEN + OUTPUT_SEQ_LEN],
    ['validate', segments.validate, OUTPUT_SEQ_LEN],
    ['select', segments.select, OUTPUT_SEQ_LEN],
    ['test', segments.test, OUTPUT_SEQ_LEN],
  ];
  for (const [name, { start, end }, needed] of named) {
    if (end - start >= needed) continue;
    throw new DataError(
      'rows_insufficient',
      `expected at least ${needed} rows in the ${name} segment of ${place} (INPUT_SEQ_LEN ${shown(settings.INPUT_SEQ_LEN)}, ` +
        `OUTPUT_SEQ_LEN ${shown(settings.OUTPUT_SEQ_LEN)}${lead > 0 ? `, ${lead} for lags and trailing means` : ''}), got ${end - start}`,
    );
  }
}

function shown(length: number): string {
  return length === AUTO_LENGTH ? AUTO : String(length);
}
