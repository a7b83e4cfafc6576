import type { Frequency } from '@flts/model-runtime';
import { DataError } from '../../shared/errors.ts';
import type { PreprocessSettings } from '../../shared/settings.ts';
import { isoTime } from '../../shared/dataset/spacing.ts';
import { frequencyOf } from './frequency.ts';
import { asTheyCome, insertMissingRows, joinRows, type GridRows } from '../../shared/dataset/regularise.ts';
import { resampleRows, type Resampling } from '../../shared/dataset/resample.ts';
import { resamplingOf } from './resampling.ts';
import { sampleRows } from './sampling.ts';
import { cutTimes, sharesInForce, type Cuts } from './segments.ts';
import type { SourceTable } from '../../shared/dataset/source-table.ts';

export interface Source {
  readonly table: SourceTable;
  /** bucket/key, for errors. */
  readonly place: string;
}

export interface LaidRows {
  /** Train rows before test rows. */
  readonly grid: GridRows;
  readonly cuts: Cuts;
  readonly frequency: Frequency;
  readonly resampling: Resampling | undefined;
}

/**
 * The sampled and resampled rows of both files on their grid, and where the segments begin. The gap between the two files is not
 * filled. @throws DataError test_overlaps_train, frequency_unknown, rows_insufficient, and as resamplingOf
 */
export function layRows(train: Source, test: Source | undefined, settings: PreprocessSettings): LaidRows {
  if (test !== undefined) refuseOverlap(train, test);
  const { SAMPLE_STRATEGY: strategy, SAMPLE_SEED: seed } = settings;
  const resampling = resamplingOf(train.table.columns, settings);
  const take = (table: SourceTable, rows: number): SourceTable => {
    const sample = sampleRows(table, { rows, strategy, seed });
    return resampling === undefined ? sample : resampleRows(sample, resampling, { fromStart: false });
  };
  const trainRows = take(train.table, settings.SAMPLE_TRAIN_ROWS);
  const testRows = test && take(test.table, settings.SAMPLE_TEST_ROWS);
  const shares = sharesInForce(settings.SPLIT, testRows !== undefined);
  const cuts = cutTimes(trainRows.ts, testRows?.ts, shares);
  const fitTs = trainRows.ts.filter((at) => at < cuts.validate);
  const frequency = frequencyOf(fitTs, settings, train.place);
  const most = trainRows.ts.length + (testRows?.ts.length ?? 0);
  const lay = (table: SourceTable, place: string): GridRows =>
    settings.REGULARISE === 'off' ? asTheyCome(table) : insertMissingRows(table, { frequency, most, place });
  const first = lay(trainRows, train.place);
  const grid =
    testRows === undefined || test === undefined ? first : joinRows(first, lay(testRows, test.place));
  return { grid, cuts, frequency, resampling };
}

function refuseOverlap(train: Source, test: Source): void {
  const last = train.table.ts.at(-1);
  const first = test.table.ts[0];
  if (last === undefined || first === undefined || first > last) return;
  const rows = test.table.ts.filter((at) => at <= last).length;
  throw new DataError(
    'test_overlaps_train',
    `expected the rows of ${test.place} after the last of ${train.place} (${isoTime(last)}), ` +
      `got ${rows} at or before it, the first at ${isoTime(first)}`,
  );
}
