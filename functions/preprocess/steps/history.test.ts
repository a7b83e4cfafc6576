import { describe, expect, it } from 'vitest';
import { preprocessSettings, type PreprocessSettings } from '../../shared/settings/settings.ts';
import { hours, range, tableOf } from '../../shared/testing/tables.ts';
import { buildDataset } from '../testing/in-memory.ts';

const settingsOf = (values: Readonly<Record<string, unknown>>): PreprocessSettings =>
  preprocessSettings.parse({ TIME_FEATURES_ENABLE: 0, ...values });
const built = (at: readonly number[], settings: Readonly<Record<string, unknown>>) => {
  const table = tableOf(hours(...at), { a: at.map((hour) => hour ** 2 % 101), b: at });
  return buildDataset({ table, place: 'dataset/x.csv' }, undefined, settingsOf(settings));
};

describe('lags and trailing means', () => {
  it('are past covariates of each target, behind those of the source', () => {
    const { roles, scaler, actual } = built(range(60), {
      TARGET_COLUMNS: 'a',
      LAGS_N: 2,
      LAGS_STEP: 3,
      TRAILING_MEANS: '6,2,6',
    });

    expect(roles).toEqual({
      targets: ['a'],
      past: ['b', 'a_lag_3', 'a_lag_6', 'a_mean_2', 'a_mean_6'],
      future: [],
    });
    expect(Object.keys(scaler.columns)).toEqual(expect.arrayContaining(roles.past.slice()));
    expect(Object.keys(actual)).toEqual(['a']);
  });

  it('are the values of rows before, and the means up to and including a row, of model inputs', () => {
    const rows = range(60).filter((hour) => hour !== 20);
    const { columns, ts } = built(rows, { LAGS_N: 1, LAGS_STEP: 5, TRAILING_MEANS: '4' });
    const inputs = columns['a'] ?? new Float64Array();

    expect(ts).toHaveLength(60);
    for (const row of range(55).map((index) => index + 5)) {
      expect(columns['a_lag_5']?.[row]).toBe(inputs[row - 5]);
      const mean = [3, 2, 1, 0].reduce((sum, back) => sum + (inputs[row - back] ?? NaN), 0) / 4;
      expect(columns['a_mean_4']?.[row]).toBe(mean);
    }
  });

  it('never reach across the edge of a block', () => {
    const rows = [...range(40), ...range(40).map((row) => row + 60)];
    const { columns, block } = built(rows, { LAGS_N: 2, TRAILING_MEANS: '3', REGULARISE: 'off' });
    const [first = NaN, second = NaN] = columns['b']?.slice(40) ?? [];

    expect(block.slice(39, 41)).toEqual(Int32Array.of(0, 1));
    expect([...(columns['b_lag_2']?.slice(40, 43) ?? [])]).toEqual([first, first, first]);
    expect([...(columns['b_mean_3']?.slice(40, 42) ?? [])]).toEqual([first, (first + second) / 2]);
  });

  it('are the same whatever piece of the rows they are made from', () => {
    const rows = range(40_000).filter((row) => row < 16_390 || row > 16_400);
    const { columns, block } = built(rows, {
      LAGS_N: 1,
      LAGS_STEP: 30,
      TRAILING_MEANS: '48',
      REGULARISE: 'off',
      FREQUENCY: '1h',
    });
    const inputs = columns['a'] ?? new Float64Array();
    for (const row of [16_383, 16_384, 16_390, 16_400, 16_440, 32_768, 39_000]) {
      const start = block.indexOf(block[row] ?? -1);
      expect(columns['a_lag_30']?.[row]).toBe(inputs[Math.max(row - 30, start)]);
      const window = inputs.subarray(Math.max(row - 47, start), row + 1);
      expect(columns['a_mean_48']?.[row]).toBe(window.reduce((sum, value) => sum + value, 0) / window.length);
    }
  });

  it('leave no column of the source to be called like one of them, and any other', () => {
    const at = range(60);
    const table = tableOf(hours(...at), { a: at, A_Lag_2: at });
    const build = (LAGS_N: number) =>
      buildDataset({ table, place: 'dataset/x.csv' }, undefined, settingsOf({ LAGS_N }));

    expect(() => build(2)).toThrow(
      expect.objectContaining({
        code: 'column_reserved',
        message: expect.stringContaining('dataset/x.csv to be called like one that LAGS_N'),
      }),
    );
    expect(build(1).roles.targets).toEqual(['a', 'A_Lag_2']);
  });
});
