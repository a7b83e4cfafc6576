import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Series } from '@flts/model-runtime';
import { loadDataset } from '../shared/dataset/load.ts';
import type { DatasetMeta } from '../shared/dataset/meta.ts';
import { trainingClaim } from '../shared/messages/schema.ts';
import { TOPICS } from '../shared/topics.ts';
import { createStage } from './testing/stage.ts';

/** Not part of the project: its licence is for research. */
const FOLDER = new URL('../../../shared/data/', import.meta.url);
const there = existsSync(new URL('PobleSec.csv', FOLDER));
if (!there) console.log('PobleSec.csv is absent: the figures of scikit-learn are left out');

/** Offset and scale of scikit-learn 1.9.1 over the first 12,741 rows (the fit segment), filled by pandas 3.1.1 as below. */
const SCALERS: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>> = {
  MinMaxScaler: {
    down: [8607664.0, 2277457856.0],
    up: [0.0, 612521456.0],
    rnti_count: [564.0, 15623.0],
    mcs_down: [0.8629900256680629, 15.325962183332729],
    mcs_down_var: [15.186915939980706, 81.75522285351616],
    mcs_up: [0.0, 30.5],
    mcs_up_var: [0.0, 182.25],
    rb_down: [0.0015120833333333334, 0.7383179166666667],
    rb_down_var: [2.3712458641053283e-8, 1.5542849619818158e-7],
    rb_up: [0.0, 0.4458108333333334],
    rb_up_var: [0.0, 8.947557442098029e-8],
  },
  StandardScaler: {
    down: [137274844.58715957, 136234548.86758044],
    up: [12514702.74374068, 33320067.376031253],
    rnti_count: [5461.043560160113, 2435.2282004808594],
    mcs_down: [12.482940047756548, 4.703552454345338],
    mcs_down_var: [77.47855877824904, 17.717593382190472],
    mcs_up: [13.967660330496493, 3.0867602326044024],
    mcs_up_var: [46.72629450166706, 24.945197751929154],
    rb_down: [0.03867977891485141, 0.05825993442397871],
    rb_down_var: [5.698304036564249e-8, 2.6194323330448937e-8],
    rb_up: [0.009446607495846448, 0.025729846502251463],
    rb_up_var: [1.2436859403844657e-8, 1.0239473979922171e-8],
  },
  RobustScaler: {
    down: [102888056.0, 95910728.0],
    up: [927560.0, 5645376.0],
    rnti_count: [5631.0, 3672.0],
    mcs_down: [15.111780144195478, 4.788042264501165],
    mcs_down_var: [86.70307080372231, 16.58338831488166],
    mcs_up: [14.878787878787877, 4.168554374918012],
    mcs_up_var: [46.62833333333333, 37.72534846534847],
    rb_down: [0.018310833333333332, 0.0189195],
    rb_down_var: [4.524413181830255e-8, 2.506535149517559e-9],
    rb_up: [0.00029591666666666666, 0.00412575],
    rb_up_var: [1.0385098214285713e-8, 1.2518562133445727e-8],
  },
};

/** Row and value of each missing cell: the two most recent known values, weighted by 1 / distance (NumPy's average). */
const FILLED: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  mcs_up: [
    [131, 15.333333333333334],
    [137, 18.516666666666666],
    [822, 13.375],
    [836, 10.0],
    [924, 11.722222222222221],
    [10254, 15.722222222222221],
    [10262, 14.694444444444446],
    [10925, 15.333333333333334],
    [10946, 14.757575757575758],
    [11667, 10.944444444444443],
    [13817, 14.314285714285715],
  ],
  mcs_up_var: [
    [131, 8.333333333333334],
    [137, 13.066666666666668],
    [822, 126.54166666666667],
    [836, 0.0],
    [924, 19.922222222222224],
    [10254, 0.0],
    [10262, 11.55],
    [10925, 0.0],
    [10946, 0.0],
    [11667, 0.0],
    [13817, 14.203174603174604],
  ],
};

/** Row, then sine and cosine of the minute of the day, the day of the week and the day of the year (NumPy). */
const CALENDAR: readonly (readonly [number, readonly number[]])[] = [
  [0, [-0.08715574274765832, 0.9961946980917455, 0.0, 1.0, 0.5663619330814524, 0.8241566360566663]],
  [9999, [-0.713250449154182, 0.7009092642998505, 0.0, 1.0, 0.7465881145324131, 0.6652865452111115]],
  [19908, [-0.7547095802227717, -0.6560590289905076, 0.0, 1.0, 0.8837203473619977, 0.4680153284438345]],
];

describe.runIf(there)('LTE load of a base station with the settings of the reference', () => {
  let text: readonly string[] = [];
  const processed: Record<string, { meta: DatasetMeta; series: Series }> = {};
  beforeAll(async () => {
    text = await Promise.all(
      ['PobleSec.csv', 'PobleSec_test.csv'].map((name) => readFile(new URL(name, FOLDER), 'utf8')),
    );
    for (const SCALER of Object.keys(SCALERS)) {
      const stage = createStage();
      await stage.put('lte_test.csv', text[1] ?? '');
      await stage.run(await stage.put('lte.csv', text[0] ?? ''), { SCALER, SPLIT: '.8,.1,.1' });
      const claim = trainingClaim.parse(stage.publisher.messages(TOPICS.trainingData)[0]);
      processed[SCALER] = await loadDataset(stage.storage, 'lte', claim.config_hash);
    }
  });

  it.each(Object.entries(SCALERS))('is scaled as by scikit-learn’s %s', (name, expected) => {
    const { meta } = processed[name] ?? {};

    expect(meta?.segments.fit).toEqual({ start: 0, end: 12_741 });
    for (const [column, [offset, scale]] of Object.entries(expected)) {
      const range = SCALERS['MinMaxScaler']?.[column]?.[1] ?? 0;
      const own = meta?.scaler.columns[column];
      expect(Math.abs((own?.offset ?? NaN) - offset), column).toBeLessThanOrEqual(1e-12 * range);
      expect(Math.abs((own?.scale ?? NaN) - scale), column).toBeLessThanOrEqual(1e-12 * range);
    }
  });

  it('is filled and given a calendar as by pandas', () => {
    const { series } = processed['MinMaxScaler'] ?? {};

    for (const [column, cells] of Object.entries(FILLED))
      for (const [row, value] of cells) expect(series?.columns[column]?.[row]).toBeCloseTo(value, 11);
    const features = ['minute_of_day', 'day_of_week', 'day_of_year'].flatMap((name) => [
      `${name}_sin`,
      `${name}_cos`,
    ]);
    for (const [row, values] of CALENDAR)
      expect(features.map((name) => series?.columns[name]?.[row])).toEqual(
        values.map((value) => expect.closeTo(value, 14)),
      );
  });

  it('differs where the reference scales the test part by its own range, and calls the column’s mean a neighbour', () => {
    const { meta, series } = processed['MinMaxScaler'] ?? {};
    const test = series?.columns['down']?.subarray(meta?.segments.test.start) ?? new Float64Array();
    const { offset = 0, scale = 1 } = meta?.scaler.columns['down'] ?? {};

    expect(Math.min(...test)).toBe(15_400_248);
    expect((Math.min(...test) - offset) / scale).toBeCloseTo((15_400_248 - 8_607_664) / 2_277_457_856, 14);
    expect(
      Math.abs((series?.columns['mcs_up']?.[836] ?? NaN) - (meta?.imputation.means['mcs_up'] ?? NaN)),
    ).toBeGreaterThan(3);
  });
});
