import { describe, expect, it } from 'vitest';
import { givenNames, historyColumns, historyNames, historyRows } from './history.ts';

const HISTORY = { lags: [2, 4], means: [3] };
const load = Float64Array.of(1, 2, 4, 8, 16, 32);

describe('columns derived from the targets', () => {
  it('are values of rows before, and means up to and including a row', () => {
    const derived = historyColumns({ load }, { targets: ['load'], history: HISTORY, from: 4 });

    expect(derived).toEqual({
      load_lag_2: Float64Array.of(4, 8),
      load_lag_4: Float64Array.of(1, 2),
      load_mean_3: Float64Array.of(28 / 3, 56 / 3),
    });
    expect(Object.keys(derived)).toEqual(historyNames(['load'], HISTORY));
  });

  it('take nothing from another block: its first value, and the mean of what there is, stand in', () => {
    const block = Int32Array.of(0, 0, 0, 1, 1, 1);

    expect(historyColumns({ load }, { targets: ['load'], history: HISTORY, block })).toEqual({
      load_lag_2: Float64Array.of(1, 1, 1, 8, 8, 8),
      load_lag_4: Float64Array.of(1, 1, 1, 8, 8, 8),
      load_mean_3: Float64Array.of(1, 1.5, 7 / 3, 8, 12, 56 / 3),
    });
  });

  it('look back on as many rows as the furthest of them', () => {
    expect(historyRows(HISTORY)).toBe(4);
    expect(historyRows({ lags: [2], means: [12] })).toBe(11);
    expect(historyRows(undefined)).toBe(0);
  });

  it('are none where nothing is asked for', () => {
    expect(historyColumns({ load }, { targets: ['load'], history: undefined })).toEqual({});
    expect(historyNames(['load'], undefined)).toEqual([]);
  });

  it('need not be brought by rows from outside, nor need those of the calendar', () => {
    const roles = { targets: ['load'], past: ['wind', 'load_lag_2'], future: ['price', 'day_of_week_sin'] };
    const calendar = { features: ['day_of_week_sin'] };

    expect(givenNames({ roles, calendar, history: { lags: [2], means: [] } })).toEqual([
      'load',
      'wind',
      'price',
    ]);
  });
});
