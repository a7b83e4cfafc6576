import { beforeAll, describe, expect, it } from 'vitest';
import { loadDataset } from '../../shared/dataset/load.ts';
import type { Columns, Series } from '@flts/model-runtime';
import type { ServedModel } from '../../shared/serving/serving-models.ts';
import { createWorld, dataOf, IDENTIFIER, ROWS, servedBy, sourceRow, timeOf } from '../testing/world.ts';
import { newestContext, requestContext } from './context.ts';
import { futureColumns } from './future.ts';
import { requestRows } from './request-rows.ts';
import type { RequestColumns } from './timestamps.ts';

async function load(config: Record<string, unknown> = {}) {
  const world = await createWorld('SEASONAL_NAIVE', config);
  const served = await servedBy(world);
  const { series } = await loadDataset(world.storage, IDENTIFIER, served.pointer.config_hash);
  return { served, series };
}

const contextOf = (data: RequestColumns, served: ServedModel, series: Series | undefined) =>
  requestContext(requestRows(data, undefined, served), served, async () => {
    if (series === undefined) throw new Error('expected no look at the stored rows');
    return series;
  });

/** 0 for -0: Parquet's dictionaries know one zero. */
const plain = (columns: Columns): Columns =>
  Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, values.map((value) => value + 0)]),
  );

/** The stored rows [end - rows, end) of the hours' dataset, whose row numbers are hours. */
function stored(series: Series, end: number, rows: number) {
  const cut = (values: Float64Array) => values.slice(end - rows, end);
  const columns = Object.fromEntries(
    Object.entries(series.columns).map(([name, values]) => [name, cut(values)]),
  );
  return { ts: cut(series.ts), columns };
}

describe('the rows of a request', () => {
  let served: ServedModel;
  let series: Series;
  beforeAll(async () => {
    ({ served, series } = await load());
  });

  it('come out as the dataset has them, whatever part of the source is sent', async () => {
    expect(series.ts).toHaveLength(ROWS);
    for (const [from, to] of [
      [100, 124],
      [100, 150],
      [50, 60],
      [51, 52],
      [50, 74],
      [30, 54],
      [30, 31],
      [195, 205],
      [180, 230],
      [270, 300],
      [398, 400],
    ] as const) {
      const { ts, columns } = await contextOf(dataOf(from, to), served, series);
      const expected = stored(series, to, 24);
      expect(ts).toEqual(expected.ts);
      expect(plain(columns), `${from} to ${to}`).toEqual(plain(expected.columns));
    }
  });

  it('need no stored rows where there are enough of them and none misses a cell', async () => {
    expect((await contextOf(dataOf(100, 124), served, undefined)).ts).toHaveLength(24);
  });

  it('may come in any order; of rows of one time the last counts', async () => {
    const ordered = await contextOf(dataOf(100, 124), served, series);
    const reversed = Object.fromEntries(
      Object.entries(dataOf(100, 124)).map(([name, values]) => [name, values.toReversed()]),
    );
    expect(await contextOf(reversed, served, series)).toEqual(ordered);
    const { time = [], load: loads = [], flow = [], event = [] } = dataOf(100, 124);
    const twice = {
      time: [time[23], ...time],
      load: [-1, ...loads],
      flow: [-1, ...flow],
      event: [0, ...event],
    };
    expect(await contextOf(twice, served, series)).toEqual(ordered);
  });

  it('with columns that the model does not know are used without them', async () => {
    const extra = { ...dataOf(100, 124), note: Array(24).fill('x') };
    expect(await contextOf(extra, served, series)).toEqual(await contextOf(dataOf(100, 124), served, series));
  });

  it('are filled from themselves alone where no stored row joins, by the mean where nothing is known before', async () => {
    const far = dataOf(100, 124);
    far['time'] = dataOf(5100, 5124)['time'] ?? [];
    far['load'] = [null, ...(far['load'] ?? []).slice(1)];
    const { columns } = await contextOf(far, served, series);
    expect(columns['load']?.[0]).toBe(served.meta.imputation.means['load']);
  });

  it.each([
    ['too few and none stored that joins', dataOf(1000, 1010), /expected 24 rows.*got 10, and 0 stored/u],
    ['too few stored before them', dataOf(5, 15), /expected 24 rows.*got 10, and 5 stored/u],
  ])('are refused where they are %s', async (_name, data, message) => {
    await expect(contextOf(data, served, series)).rejects.toMatchObject({
      code: 'rows_insufficient',
      status: 400,
      message: expect.stringMatching(message),
    });
  });

  it('are refused where one is off the grid, by its number and time', async () => {
    const data = dataOf(100, 124);
    data['time'] = (data['time'] ?? []).map((time, row) => (row === 7 ? timeOf(107.5) : time));
    await expect(contextOf(data, served, series)).rejects.toMatchObject({
      code: 'frequency_unknown',
      message: expect.stringContaining(`row 7 at ${timeOf(107.5)}`),
    });
  });

  it('are refused where a gap is longer than the rows are many', async () => {
    const data = dataOf(100, 102);
    data['time'] = [timeOf(100), timeOf(150)];
    await expect(contextOf(data, served, series)).rejects.toMatchObject({ code: 'frequency_unknown' });
  });

  it.each([
    [
      'a column missing',
      { ...dataOf(100, 124), flow: undefined },
      'feature_count_mismatch',
      /none named flow/u,
    ],
    [
      'columns of unequal lengths',
      { ...dataOf(100, 124), flow: [1] },
      'columns_differ',
      /24 values.*got 1 in "flow"/u,
    ],
    ['no row', { time: [], load: [], flow: [], event: [] }, 'rows_insufficient', /at least 1 row/u],
  ])('are refused with %s', async (_name, data, code, message) => {
    const json: RequestColumns = JSON.parse(JSON.stringify(data));
    await expect((async () => contextOf(json, served, series))()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});

describe('the newest stored rows', () => {
  it('are the last of the dataset', async () => {
    const { served, series } = await load();
    expect(newestContext(series, served)).toEqual(stored(series, ROWS, 24));
    const block = series.block.map((_, row) => (row < ROWS - 10 ? 0 : 1));
    expect(() => newestContext({ ...series, block }, served)).toThrow(
      expect.objectContaining({
        code: 'rows_insufficient',
        message: expect.stringMatching(/24 stored rows.*got 10;/u),
      }),
    );
  });
});

describe('a dataset with REGULARISE=resample', () => {
  it('has the rows of a request resampled as its own', async () => {
    const { served, series } = await load({
      REGULARISE: 'resample',
      FREQUENCY: '2h',
      RESAMPLE_LAST_COLUMNS: 'flow',
    });
    for (const [from, to] of [
      [101, 151],
      [51, 56],
      [191, 211],
      [270, 331],
    ] as const) {
      const { ts, columns } = await contextOf(dataOf(from, to), served, series);
      const end = series.ts.indexOf(Date.parse(timeOf(to - 1 - ((to - 1) % 2)))) + 1;
      const expected = stored(series, end, 24);
      expect(ts).toEqual(expected.ts);
      expect(plain(columns), `${from} to ${to}`).toEqual(plain(expected.columns));
    }
  });

  it('refuses rows that fill no interval', async () => {
    const { served, series } = await load({ REGULARISE: 'resample', FREQUENCY: '2h' });

    await expect(contextOf(dataOf(101, 102), served, series)).rejects.toMatchObject({
      code: 'rows_insufficient',
      message: expect.stringContaining('to the end of an interval of 2 h'),
    });
  });
});

describe('a dataset with HANDLE_DUPLICATES', () => {
  const twice = (from: number, to: number): RequestColumns => {
    const data = dataOf(from, to);
    const repeat = (name: string, value: unknown): unknown[] => [...(data[name] ?? []), value];
    return {
      time: repeat('time', timeOf(to - 1)),
      load: repeat('load', 0),
      flow: repeat('flow', null),
      event: repeat('event', 0),
    };
  };

  it('mean takes the mean of such rows in a request', async () => {
    const { served, series } = await load({ HANDLE_DUPLICATES: 'mean' });
    const { columns } = await contextOf(twice(100, 124), served, series);

    const { load: value, flow } = sourceRow(123);
    expect([columns['load']?.[23], columns['flow']?.[23]]).toEqual([(value ?? NaN) / 2, flow]);
  });

  it('error refuses such rows in a request', async () => {
    const { served, series } = await load({ HANDLE_DUPLICATES: 'error' });

    await expect((async () => contextOf(twice(100, 124), served, series))()).rejects.toMatchObject({
      code: 'timestamp_invalid',
      message: expect.stringContaining('in rows 23 and 24'),
    });
  });
});

describe('a dataset with HANDLE_NANS_METHOD', () => {
  it.each(['ffill', 'mean'])(
    '%s has the cells of a request filled as its own',
    async (HANDLE_NANS_METHOD) => {
      const { served, series } = await load({ HANDLE_NANS_METHOD });
      for (const [from, to] of [
        [147, 148],
        [140, 164],
        [200, 230],
      ] as const) {
        const { columns } = await contextOf(dataOf(from, to), served, series);
        expect(plain(columns), `${from} to ${to}`).toEqual(plain(stored(series, to, 24).columns));
      }
    },
  );
});

describe('a dataset with CLIP_METHOD', () => {
  it('has the rows of a request clipped and filled as its own', async () => {
    const { served, series } = await load({ CLIP_METHOD: 'quantile', CLIP_QUANTILES: '.2,.7' });
    const { load: bounds } = served.meta.clipping?.bounds ?? {};
    expect(series.columns['load']).toContain(bounds?.upper);
    expect(series.actual['load']?.some((value) => value > (bounds?.upper ?? NaN))).toBe(true);
    for (const [from, to] of [
      [100, 124],
      [51, 52],
      [147, 148],
      [195, 205],
      [270, 300],
    ] as const) {
      const { columns } = await contextOf(dataOf(from, to), served, series);
      expect(plain(columns), `${from} to ${to}`).toEqual(plain(stored(series, to, 24).columns));
    }
  });

  it('has known-future values clipped too', async () => {
    const { served } = await load({ CLIP_METHOD: 'zscore', CLIP_FACTOR: 1 });
    const { event: bounds } = served.meta.clipping?.bounds ?? {};

    expect(bounds?.upper).toBeLessThan(1);
    expect(futureColumns({ event: [0, 1] }, 2, served)).toEqual({
      event: Float64Array.of(0, bounds?.upper ?? NaN),
    });
  });
});

describe('a dataset with lags, trailing means and holidays', () => {
  const LOOK_BACK = 12;

  it('has those of a request’s rows as its own, whatever part of the source is sent', async () => {
    const config = {
      LAGS_N: 3,
      LAGS_STEP: 4,
      TRAILING_MEANS: [5],
      CLIP_METHOD: 'iqr',
      HOLIDAYS_COUNTRY: 'ES',
    };
    const world = await createWorld('GRU', config);
    const served = await servedBy(world);
    const { series } = await loadDataset(world.storage, IDENTIFIER, served.pointer.config_hash);
    expect(served.model.info.roles.future).toContain('holiday');
    // 6 January, hours 120 to 143, is one.
    expect([119, 120, 143, 144].map((row) => series.columns['holiday']?.[row])).toEqual([0, 1, 1, 0]);
    expect(served.model.info.roles.past).toEqual([
      'flow',
      ...['lag_4', 'lag_8', 'lag_12', 'mean_5'].map((name) => `load_${name}`),
    ]);
    for (const [from, to] of [
      [100, 124],
      [100, 150],
      [100, 110],
      [51, 52],
      [195, 205],
      [180, 230],
      [398, 400],
    ] as const) {
      const { ts, columns } = await contextOf(dataOf(from, to), served, series);
      // A window of 12 rows, and those that its first row looks back on.
      const whole = stored(series, to, 12 + LOOK_BACK);
      expect(ts).toEqual(whole.ts);
      expect(columns['load']?.map((value) => value + 0)).toEqual(plain(whole.columns)['load']);
      const window = stored({ ...series, ts, columns }, ts.length, 12).columns;
      expect(plain(window), `${from} to ${to}`).toEqual(plain(stored(series, to, 12).columns));
    }
  });
});

describe('a dataset with HANDLE_NANS=0', () => {
  it('refuses a null and a missing row, and takes what is whole', async () => {
    const { served, series } = await load({ HANDLE_NANS: 0 });
    const missing = (from: number, to: number) => contextOf(dataOf(from, to), served, series);
    await expect(missing(140, 170)).rejects.toMatchObject({
      code: 'column_not_numeric',
      message: expect.stringContaining(`null in column "load" at ${timeOf(147)}`),
    });
    await expect(missing(195, 210)).rejects.toMatchObject({
      message: expect.stringContaining(`no row at ${timeOf(200)}`),
    });
    expect((await missing(92, 120)).columns['load']).toEqual(
      Float64Array.from({ length: 24 }, (_, row) => sourceRow(96 + row).load ?? NaN),
    );
  });
});

describe('a dataset with REGULARISE=off', () => {
  it('takes rows as they come, and only those after the last gap', async () => {
    const { served, series } = await load({ REGULARISE: 'off' });
    const data = dataOf(100, 124);
    data['time'] = (data['time'] ?? []).map((time, row) => (row === 7 ? timeOf(107.25) : time));
    expect((await contextOf(data, served, series)).ts[7]).toBe(Date.parse(timeOf(107.25)));
    await expect(contextOf(dataOf(180, 215), served, series)).rejects.toMatchObject({
      code: 'rows_insufficient',
      message: expect.stringMatching(/expected 24 rows.*got 13, and 0 stored/u),
    });
    expect((await contextOf(dataOf(180, 226), served, series)).ts[0]).toBe(Date.parse(timeOf(202)));
  });
});
