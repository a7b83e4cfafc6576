import { describe, expect, it } from 'vitest';
import { datasetReport, type DatasetReport } from '../../shared/dataset/report.ts';
import { HOUR_MS, randomNumbers, range, START } from '../../shared/testing/tables.ts';
import { BUCKETS } from '../../shared/topics.ts';
import { createStage } from '../testing/stage.ts';

/** The report of hourly rows whose cells `line` gives; undefined: no row. */
async function reported(
  header: string,
  line: (hour: number) => string | undefined,
  config: Readonly<Record<string, unknown>> = {},
): Promise<DatasetReport> {
  const lines = range(400).flatMap((hour) => {
    const cells = line(hour);
    return cells === undefined ? [] : [`${new Date(START + hour * HOUR_MS).toISOString()},${cells}`];
  });
  const stage = createStage();
  await stage.put('x.config.json', JSON.stringify(config));
  await stage.run(await stage.put('x.csv', [`time,${header}`, ...lines, ''].join('\n')));
  const key = stage.storage.keys().find((each) => each.endsWith('/report.json')) ?? '';
  const stored = await stage.storage.getJson(
    BUCKETS.processed,
    key.slice(BUCKETS.processed.length + 1),
    datasetReport,
  );
  if (stored === undefined) throw new Error('expected a report.json');
  return stored.value;
}

describe('report.json', () => {
  it('tells the range, kind, missing and clipped cells of each column', async () => {
    const { columns, time, rows } = await reported(
      'load,flag,level,fixed',
      (hour) =>
        `${hour % 100 === 50 ? '' : hour === 7 ? 9000 : hour % 24},${hour % 2},${hour / 8 - 3},${hour === 9 ? '' : 4}`,
      { CLIP_METHOD: 'iqr', TARGET_COLUMNS: ['load'], FUTURE_COLUMNS: ['flag'] },
    );

    expect(columns['load']).toMatchObject({
      role: 'target',
      type: 'integer',
      min: 0,
      max: 9000,
      missing: 4,
      clipped: 1,
    });
    expect(columns['flag']).toMatchObject({ role: 'future', type: 'binary', min: 0, max: 1, missing: 0 });
    expect(columns['level']).toMatchObject({ role: 'past', type: 'real', min: -3, max: 46.875 });
    expect(columns['fixed']).toMatchObject({
      type: 'constant',
      min: 4,
      max: 4,
      missing: 1,
      stationarity: null,
    });
    expect(time).toEqual({
      column: 'time',
      first: '2001-01-01T00:00:00.000Z',
      last: '2001-01-17T15:00:00.000Z',
      step_ms: HOUR_MS,
      business_days: false,
    });
    expect(rows).toMatchObject({ train: 360, test: 40, imputed_cells: 5 });
  });

  it('tells a season from noise, and a drift from a level', async () => {
    const random = randomNumbers(1);
    const { columns } = await reported(
      'season,noise,drift',
      (hour) => `${Math.abs((hour % 24) - 12)},${random()},${hour + random()}`,
      { SEASONAL_PERIODS: [24] },
    );

    expect(columns['season']?.seasonality).toEqual([{ period: 24, strength: expect.closeTo(1, 2) }]);
    expect(columns['noise']?.seasonality[0]?.strength).toBeLessThan(0.2);
    expect(columns['noise']?.stationarity?.hint).toBe('stationary');
    expect(columns['drift']?.stationarity?.hint).toBe('not_stationary');
  });

  it('names the gaps that were filled, and those that end a block', async () => {
    const missing = (hour: number): boolean => hour === 30 || (hour >= 50 && hour < 53);
    const line = (hour: number): string | undefined => (missing(hour) ? undefined : `${hour},1`);
    const at = (hour: number): string => new Date(START + hour * HOUR_MS).toISOString();
    const gaps = (filled: boolean) => [
      { after: at(29), before: at(31), rows: 1, filled },
      { after: at(49), before: at(53), rows: 3, filled },
    ];

    expect((await reported('a,b', line)).gaps).toEqual({ count: 2, first: gaps(true) });
    expect((await reported('a,b', line, { REGULARISE: 'off' })).gaps).toEqual({
      count: 2,
      first: gaps(false),
    });
    expect((await reported('a,b', line, { HANDLE_NANS: 0 })).gaps).toEqual({ count: 2, first: gaps(false) });
    expect((await reported('a,b', (hour) => `${hour},1`)).gaps).toEqual({ count: 0, first: [] });
  });
});
