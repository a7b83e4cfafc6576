import { describe, expect, it } from 'vitest';
import { hours, range } from '../../shared/testing/tables.ts';
import { imputeColumns } from '../../shared/dataset/impute.ts';
import { arrayColumn } from '../columns/column.ts';
import { createSparseFilter } from './cleaning.ts';
import { knownFigures } from './known-figures.ts';
import type { GridRows } from '../../shared/dataset/regularise.ts';

const settings = { HANDLE_NANS: true, HANDLE_NANS_THRESHOLD: 0.33, HANDLE_NANS_NEIGHBOURS: 2 };
const rows: GridRows = {
  ts: hours(...range(5)),
  values: {
    a: Float64Array.of(1, NaN, NaN, NaN, 5),
    b: Float64Array.of(1, 2, NaN, 4, 5),
    c: Float64Array.of(1, 2, NaN, NaN, 5),
    d: Float64Array.of(1, 2, NaN, 4, 5),
  },
  inserted: Uint8Array.of(0, 0, 1, 0, 0),
};

describe('createSparseFilter', () => {
  it('leaves out rows that miss more than the threshold, but for inserted ones, and begins a block after them', () => {
    const kept = createSparseFilter(settings)(rows);

    expect(kept.ts).toEqual(hours(0, 1, 2, 4));
    expect(kept.values['a']).toEqual(Float64Array.of(1, NaN, NaN, 5));
    expect(kept.inserted).toEqual(Uint8Array.of(0, 0, 1, 0));
    expect(kept.breaks).toEqual(Uint8Array.of(0, 0, 0, 1));
    expect(kept.dropped).toBe(1);
  });

  it('keeps rows that miss exactly the threshold', () => {
    expect(createSparseFilter({ ...settings, HANDLE_NANS_THRESHOLD: 0.5 })(rows).ts).toHaveLength(5);
  });

  it('leaves out every incomplete row where nothing is imputed', () => {
    const kept = createSparseFilter({ ...settings, HANDLE_NANS: false })(rows);

    expect(kept.ts).toEqual(hours(0, 4));
    expect(kept.breaks).toEqual(Uint8Array.of(0, 1));
    expect(kept.dropped).toBe(2);
  });
});

describe('the mean that fills cells', () => {
  const meanOf = (...values: readonly number[]): number | undefined =>
    knownFigures(
      { values: arrayColumn(Float64Array.from(values)) },
      { CLIP_METHOD: 'none', CLIP_FACTOR: 1, CLIP_QUANTILES: [0, 1] },
    ).mean;

  it('is that of the known cells', () => {
    expect(meanOf(1, NaN, 3)).toBe(2);
  });

  it('needs one', () => {
    expect(meanOf(NaN)).toBeUndefined();
  });
});

describe('imputeColumns', () => {
  it('fills each column by its own past, and counts', () => {
    const columns = { a: Float64Array.of(2, NaN, 4), b: Float64Array.of(NaN, 6, NaN) };

    expect(imputeColumns(columns, hours(0, 1, 2), { neighbours: 1, means: { a: 0, b: 9 } })).toEqual({
      values: { a: Float64Array.of(2, 2, 4), b: Float64Array.of(9, 6, 6) },
      filled: 3,
    });
  });
});
