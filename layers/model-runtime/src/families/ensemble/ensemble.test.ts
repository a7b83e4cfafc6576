import { describe, expect, it } from 'vitest';
import { seasonalSeries, taskOf } from '../../testing/series.ts';
import type { TrainedModel } from '../../types.ts';
import { loadForecaster, readModelInfo } from '../load.ts';
import { trainModel } from '../train.ts';
import { combine, type Member } from './ensemble.ts';

const series = seasonalSeries(240);
const task = (type: string) => taskOf(type, series);
const memberOf = (trained: TrainedModel): Member => ({
  modelType: trained.modelType,
  info: readModelInfo(trained.files),
  json: trained.files[0]?.bytes ?? new Uint8Array(),
});

describe('an ensemble', () => {
  it('answers the median of its members, in forecasts and backtests', async () => {
    const trained = await Promise.all(
      ['AUTOETS', 'AUTOTHETA', 'NAIVE'].map((type) => trainModel(task(type))),
    );
    const [one, two, three] = trained.map(memberOf);
    if (one === undefined || two === undefined || three === undefined) throw new TypeError('expected three');
    const { files, params } = combine([one, two, three]);
    expect(params).toEqual({ members: 'AUTOETS,AUTOTHETA,NAIVE' });
    const ensemble = await loadForecaster(files);
    expect(ensemble.info).toMatchObject({ modelType: 'ENSEMBLE', contextRows: 50, horizon: null });
    const members = await Promise.all(trained.map((each) => loadForecaster(each.files)));
    const of = { scaler: task('NAIVE').scaler, series, origins: Int32Array.of(200, 210), horizon: 4 };
    const expected = members.map((member) => member.backtest(of).values['load'] ?? new Float64Array());
    for (const [at, value] of (ensemble.backtest(of).values['load'] ?? []).entries())
      expect(value).toBe(expected.map((column) => column[at] ?? 0).toSorted((a, b) => a - b)[1]);
    const context = {
      ts: series.ts.slice(150),
      columns: { load: series.columns['load']!.slice(150), cold: series.columns['cold']!.slice(150) },
    };
    const { values, deviations } = ensemble.forecast({ scaler: of.scaler, context, steps: 3 });
    expect(values['load']).toHaveLength(3);
    expect([...(deviations?.['load'] ?? [])].every((value) => value > 0)).toBe(true);
  });

  it('is refused where a member is missing', async () => {
    const [one, two] = await Promise.all(
      ['AUTOETS', 'NAIVE'].map(async (type) => memberOf(await trainModel(task(type)))),
    );
    if (one === undefined || two === undefined) throw new TypeError('expected two');
    const { files } = combine([one, two]);
    await expect(loadForecaster(files.slice(0, 2))).rejects.toMatchObject({
      code: 'model_corrupt',
      message: expect.stringContaining('NAIVE.json'),
    });
  });

  it('cannot be fitted by itself', async () => {
    await expect(trainModel(task('ENSEMBLE'))).rejects.toMatchObject({ code: 'setting_invalid' });
  });
});
