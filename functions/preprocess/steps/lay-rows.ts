import type { Frequency } from '@flts/model-runtime';
import { DataError } from '../../shared/errors.ts';
import type { Understood } from '../../shared/dataset/report.ts';
import type { PreprocessSettings } from '../../shared/settings/settings.ts';
import { isoTime } from '../../shared/dataset/spacing.ts';
import { asTheyCome, fillGaps, type GridRows } from '../../shared/dataset/regularise.ts';
import { createResampler, type Resampling } from '../../shared/dataset/resample.ts';
import { firstAtLeast, PIECE_ROWS, sliceColumn, valueAt } from '../columns/column.ts';
import { rowPieces, storeRows, type Rows, type RowTable } from '../columns/row-table.ts';
import type { Spill } from '../columns/spill.ts';
import { frequencyOf } from './frequency.ts';
import { resamplingOf } from './resampling.ts';
import { sampleRows } from './sampling.ts';
import { cutTimes, sharesInForce, type Cuts } from './segments.ts';

/** A parsed file on disk: rows in time order, one a timestamp. */
export interface SourceRows extends RowTable {
  /** Name of the time column. */
  readonly indexColumn: string;
  /** Names of the numeric columns, in the file's order. */
  readonly columns: readonly string[];
  /** Rows that are none of their own because another has the same timestamp. */
  readonly duplicates: number;
  /** What was inferred or repaired so far. */
  readonly understood?: readonly Understood[];
  /** Frees the disk; the rows cannot be read any more. */
  close(): void;
}

export interface Source {
  readonly table: SourceRows;
  /** bucket/key, for errors. */
  readonly place: string;
}

export interface LaidRows {
  /** Goes through the rows on their grid, train rows before test rows. @throws DataError frequency_unknown */
  readonly grid: () => Iterable<GridRows>;
  readonly cuts: Cuts;
  readonly frequency: Frequency;
  readonly resampling: Resampling | undefined;
}

/**
 * The sampled and resampled rows of both files on their grid, and where the segments begin. The gap between the two files is not
 * filled. @throws DataError test_overlaps_train, frequency_unknown, rows_insufficient, and as resamplingOf
 */
export function layRows(
  { train, test }: { readonly train: Source; readonly test: Source | undefined },
  settings: PreprocessSettings,
  spill: Spill,
): LaidRows {
  if (test !== undefined) refuseOverlap(train, test);
  const { SAMPLE_STRATEGY: strategy, SAMPLE_SEED: seed } = settings;
  const resampling = resamplingOf(train.table.columns, settings);
  const take = (table: RowTable, rows: number): RowTable => {
    const sample = sampleRows(table, { rows, strategy, seed });
    return resampling === undefined ? sample : resampled(sample, resampling, spill);
  };
  const trainRows = take(train.table, settings.SAMPLE_TRAIN_ROWS);
  const testRows = test && take(test.table, settings.SAMPLE_TEST_ROWS);
  const shares = sharesInForce(settings.SPLIT, testRows !== undefined);
  const cuts = cutTimes(trainRows.ts, testRows?.ts, shares);
  const fitTs = sliceColumn(trainRows.ts, { start: 0, end: firstAtLeast(trainRows.ts, cuts.validate) });
  const frequency = frequencyOf(fitTs, settings, train.place);
  const most = trainRows.ts.length + (testRows?.ts.length ?? 0);
  const lay = (table: RowTable, place: string): Iterable<GridRows> =>
    settings.REGULARISE === 'off'
      ? eachAsItComes(rowPieces(table))
      : fillGaps(rowPieces(table), { frequency, most, place, pieceRows: PIECE_ROWS });
  return {
    grid: function* () {
      yield* lay(trainRows, train.place);
      if (testRows !== undefined && test !== undefined) yield* lay(testRows, test.place);
    },
    cuts,
    frequency,
    resampling,
  };
}

function* eachAsItComes(pieces: Iterable<Rows>): Generator<GridRows> {
  for (const piece of pieces) yield asTheyCome(piece);
}

function resampled(table: RowTable, resampling: Resampling, spill: Spill): RowTable {
  const names = Object.keys(table.values);
  const resampler = createResampler(names, resampling, { fromStart: false });
  const { table: intervals, append } = storeRows(spill, names);
  for (const piece of rowPieces(table)) append(resampler.push(piece));
  append(resampler.end());
  return intervals;
}

function refuseOverlap(train: Source, test: Source): void {
  const last = valueAt(train.table.ts, train.table.ts.length - 1);
  const first = valueAt(test.table.ts, 0);
  if (last === undefined || first === undefined || first > last) return;
  // Timestamps are whole milliseconds.
  const rows = firstAtLeast(test.table.ts, last + 1);
  throw new DataError(
    'test_overlaps_train',
    `expected the rows of ${test.place} after the last of ${train.place} (${isoTime(last)}), ` +
      `got ${rows} at or before it, the first at ${isoTime(first)}`,
  );
}
