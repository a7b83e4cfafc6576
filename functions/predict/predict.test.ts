import { loadForecaster, type RuntimePool } from '@flts/model-runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadDataset } from '../shared/dataset/load.ts';
import { createThreadlessPool } from '../shared/testing/threadless-pool.ts';
import {
  createWorld,
  dataOf,
  functionOver,
  IDENTIFIER,
  ROWS,
  SEASON,
  servedBy,
  sourceRow,
  timeOf,
  type World,
} from './testing/world.ts';

const HORIZON = 6;

/** What SEASONAL_NAIVE says of hour `hour`, from rows up to `origin` (exclusive). */
const seasonal = (hour: number, origin: number): number | null =>
  sourceRow(origin - SEASON + ((hour - origin) % SEASON)).load;

/** A pool that counts what it is asked. */
function countingPool(): RuntimePool & { readonly calls: () => number } {
  let calls = 0;
  const pool = createThreadlessPool();
  return {
    ...pool,
    forecast: (task, options) => {
      calls += 1;
      return pool.forecast(task, options);
    },
    calls: () => calls,
  };
}

describe('POST /predict', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld('SEASONAL_NAIVE');
  });

  it('forecasts the steps after the last row, in original units', async () => {
    const { predict } = functionOver(world);
    const { status, headers, json } = await predict(
      { identifier: IDENTIFIER, data: dataOf(100, 130) },
      { headers: { 'x-request-id': 'r-1' } },
    );
    expect([status, headers['x-request-id']]).toEqual([200, 'r-1']);
    expect(json).toEqual({
      status: 'SUCCESS',
      identifier: IDENTIFIER,
      run_id: world.runId,
      model_type: 'SEASONAL_NAIVE',
      config_hash: world.training.config_hash,
      req_id: 'r-1',
      cached: false,
      recursive_from_step: null,
      interval_methods: { '80': { load: null }, '95': { load: null } },
      predictions: Array.from({ length: HORIZON }, (_, step) => ({
        ts: timeOf(130 + step),
        load: seasonal(130 + step, 130),
        intervals: null,
      })),
    });
  });

  it('serves the newest promotion of all where no identifier is named, and says whose it is', async () => {
    const { predict } = functionOver(world);
    expect((await predict({ data: dataOf(100, 130) })).json).toMatchObject({ identifier: IDENTIFIER });
  });

  it('serves what IDENTIFIER names where a request names none', async () => {
    const { predict } = functionOver(world, { settings: { IDENTIFIER: 'another' } });
    expect((await predict({})).json.error).toMatchObject({ code: 'identifier_unknown' });
    expect((await predict({ identifier: IDENTIFIER })).status).toBe(200);
  });

  it.each([
    ['the body', { inference_length: 9 }, undefined, 9],
    ['the query', {}, { inference_length: '2' }, 2],
    ['the model where neither does', {}, undefined, HORIZON],
  ])('forecasts as many steps as %s says', async (_name, body, query, steps) => {
    const { predict } = functionOver(world);
    const answer = await predict(body, query === undefined ? {} : { query });
    expect(answer.json['predictions']).toHaveLength(steps);
  });

  it.each([
    ['no step', { inference_length: 0 }, /inference_length.*got 0/u],
    ['more steps than there may be', { inference_length: 10_001 }, /10000.*got 10001/u],
    ['half a step', { inference_length: 1.5 }, /inference_length/u],
    [
      'an unknown key',
      { dta: {}, inference_length: 1 },
      /unknown dta; known are identifier, index_col, data/u,
    ],
    ['data that is no table', { data: [1] }, /body data/u],
    ['a column that is no list', { data: { ts: 1 } }, /body data\.ts/u],
  ])('refuses %s', async (_name, body, message) => {
    const { status, json } = await functionOver(world).predict(body);
    expect([status, json.error?.code]).toEqual([400, 'request_invalid']);
    expect(json.error?.message).toMatch(message);
  });

  it('refuses what is not JSON, and a query that is no number', async () => {
    const { predict } = functionOver(world);
    expect(await predict({}, { body: '{"data":' })).toMatchObject({
      status: 400,
      json: { error: { code: 'request_invalid' } },
    });
    expect(await predict({}, { query: { inference_length: 'ten' } })).toMatchObject({ status: 400 });
  });

  it('refuses values whose forecast is no number', async () => {
    const data = dataOf(100, 130);
    data['load'] = Array(30).fill(1e308);
    const pool = createThreadlessPool();
    const overflowing: RuntimePool = {
      ...pool,
      forecast: async (task) => {
        const forecast = await pool.forecast(task);
        return {
          ...forecast,
          values: { load: (forecast.values['load'] ?? new Float64Array()).map((value) => value * 10) },
        };
      },
    };
    const { status, json } = await functionOver(world, { pool: overflowing }).predict({ data });
    expect([status, json.error?.message]).toEqual([
      400,
      expect.stringMatching(/got Infinity for load at step 1/u),
    ]);
  });
});

describe('the body {}', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld('SEASONAL_NAIVE');
  });

  it('asks for the forecast after the newest stored row', async () => {
    const { json } = await functionOver(world).predict({});
    expect(json).toMatchObject({ status: 'SUCCESS', cached: false });
    expect(json['predictions']).toEqual(
      Array.from({ length: HORIZON }, (_, step) => ({
        ts: timeOf(ROWS + step),
        load: seasonal(ROWS + step, ROWS),
        intervals: null,
      })),
    );
  });

  it('is computed once, and served again', async () => {
    const pool = countingPool();
    const { predict, get } = functionOver(world, { pool });
    const first = await predict({});
    const again = await predict({ identifier: IDENTIFIER, data: null });
    expect(again.json).toEqual({
      ...first.json,
      status: 'SUCCESS_CACHED',
      cached: true,
      req_id: again.json['req_id'],
    });
    expect(pool.calls()).toBe(1);
    await predict({ inference_length: 2 });
    expect(pool.calls()).toBe(2);
    expect((await get('/queue_stats')).json).toMatchObject({ served_cached: 1, completed: 2 });
  });

  it('asked at the same time is computed once', async () => {
    const pool = countingPool();
    const { predict } = functionOver(world, { pool });
    const answers = await Promise.all([predict({}), predict({}), predict({})]);
    expect(answers.map(({ json }) => json['cached'])).toEqual([false, true, true]);
    expect(pool.calls()).toBe(1);
  });

  it('is computed each time with ENABLE_PREDICT_CACHE=0, or with future values', async () => {
    const pool = countingPool();
    const off = functionOver(world, { pool, settings: { ENABLE_PREDICT_CACHE: false } });
    expect([(await off.predict({})).json['status'], (await off.predict({})).json['status']]).toEqual([
      'SUCCESS',
      'SUCCESS',
    ]);
    const on = functionOver(world, { pool });
    const future = { event: [0, 0, 0, 0, 0, 1] };
    expect([
      (await on.predict({ future })).json['cached'],
      (await on.predict({ future })).json['cached'],
    ]).toEqual([false, false]);
    expect(pool.calls()).toBe(4);
  });
});

describe('known-future columns', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld('SEASONAL_NAIVE');
  });

  it('reach the model, for the steps asked', async () => {
    const futures: unknown[] = [];
    const pool = createThreadlessPool();
    const watching: RuntimePool = {
      ...pool,
      forecast: (task) => {
        futures.push(task.future);
        return pool.forecast(task);
      },
    };
    const { predict } = functionOver(world, { pool: watching });
    expect((await predict({ future: { event: [1, 0, 1, 9] }, inference_length: 3 })).status).toBe(200);
    expect(futures).toEqual([{ event: Float64Array.of(1, 0, 1) }]);
  });

  it.each([
    ['too few values', { event: [1, 0] }, 'request_invalid', /3 values of event.*got 2/u],
    ['an unknown name', { load: [1, 0, 1] }, 'request_invalid', /among event, got load/u],
    ['a calendar feature', { minute_of_day_sin: [1, 0, 1] }, 'request_invalid', /among event/u],
    ['a null', { event: [1, null, 1] }, 'column_not_numeric', /"event" of future, row 1, got null/u],
    ['text', { event: [1, 'x', 1] }, 'column_not_numeric', /"event", row 1, got "x"/u],
  ])('are refused with %s', async (_name, future, code, message) => {
    const { status, json } = await functionOver(world).predict({ future, inference_length: 3 });
    expect([status, json.error?.code]).toEqual([400, code]);
    expect(json.error?.message).toMatch(message);
  });
});

describe('a network', () => {
  it('answers columns in any order as it does the dataset’s own, and says from where on it feeds on itself', async () => {
    const world = await createWorld('GRU');
    const { predict } = functionOver(world);
    const data = dataOf(100, 112);
    const shuffled = { event: data['event'], load: data['load'], time: data['time'], flow: data['flow'] };
    const answer = await predict({ data: shuffled, inference_length: HORIZON + 2 });
    expect(answer.json['recursive_from_step']).toBe(HORIZON + 1);

    const served = await servedBy(world);
    const { series } = await loadDataset(world.storage, IDENTIFIER, served.pointer.config_hash);
    const forecaster = await loadForecaster(served.model.files);
    const cut = (values: Float64Array) => values.slice(100, 112);
    const columns = Object.fromEntries(
      Object.entries(series.columns).map(([name, values]) => [name, cut(values)]),
    );
    const direct = forecaster.forecast({
      scaler: served.model.scaler,
      context: { ts: cut(series.ts), columns },
      steps: HORIZON + 2,
    });
    forecaster.dispose();
    expect(answer.json['predictions']).toEqual(
      Array.from(direct.ts, (at, step) => ({
        ts: new Date(at).toISOString(),
        load: direct.values['load']?.[step],
        intervals: null,
      })),
    );
  });
});
