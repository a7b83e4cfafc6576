import { describe, expect, it } from 'vitest';
import { hours, range } from '../../shared/testing/tables.ts';
import { imputeColumns } from '../../shared/dataset/impute.ts';
import { arrayColumn } from '../columns/column.ts';
import { createSparseFilter, fitMean } from './cleaning.ts';
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

describe('fitMean', () => {
  it('are those of the known fit cells', () => {
    expect(
      fitMean(arrayColumn(Float64Array.of(1, NaN, 3, 100)), { start: 0, end: 3 }, { name: 'a', place: 'x' }),
    ).toBe(2);
  });

  it('need one', () => {
    const column = arrayColumn(Float64Array.of(NaN, 1));
    const place = 'dataset/x.csv';
    expect(() => fitMean(column, { start: 0, end: 1 }, { name: 'a', place })).toThrow(
      'at least one number among the fit rows of column "a" in dataset/x.csv',
    );
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
