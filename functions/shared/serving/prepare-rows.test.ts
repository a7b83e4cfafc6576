import type { ModelInfo } from '@flts/model-runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadDataset } from '../dataset/load.ts';
import type { DatasetMeta } from '../dataset/meta.ts';
import { createMemoryServices } from '../testing/memory-services.ts';
import { processUpload } from '../testing/promoted.ts';
import { HOUR_MS, hours, range, tableOf } from '../testing/tables.ts';
import { prepareRows } from './prepare-rows.ts';

const load = (hour: number): number => 100 + ((hour * 7) % 11) + (hour % 40 === 3 ? 900 : 0);
const infoOf = ({ roles, calendar, history, frequency }: DatasetMeta): ModelInfo => ({
  modelType: 'NAIVE',
  roles,
  calendar,
  history,
  frequency,
  contextRows: 1,
  horizon: null,
});

describe('prepareRows', () => {
  const processed = async (config: Record<string, unknown>) => {
    const { services } = createMemoryServices();
    const lines = range(200).map((hour) => `${new Date(hours(hour)[0] ?? 0).toISOString()},${load(hour)}`);
    const csv = ['time,load', ...lines, ''].join('\n');
    const { training } = await processUpload(services, 'x', { csv, config });
    return loadDataset(services.storage, 'x', training.config_hash);
  };
  let meta: DatasetMeta;
  beforeAll(async () => {
    ({ meta } = await processed({ CLIP_METHOD: 'iqr' }));
  });

  it('derives lags and trailing means as the dataset has them, within each block of the rows', async () => {
    const { meta: derived, series } = await processed({
      CLIP_METHOD: 'iqr',
      LAGS_N: 2,
      LAGS_STEP: 3,
      TRAILING_MEANS: [4],
      REGULARISE: 'off',
    });
    const at = [...range(40), ...range(40).map((row) => row + 60)];
    const table = tableOf(hours(...at), { load: at.map(load) });
    const prepared = prepareRows(table, { info: infoOf(derived), meta: derived, place: 'rows' });

    const afterGap = prepared.columns['load']?.[40] ?? NaN;
    expect(prepared.columns['load_lag_6']?.slice(40, 46)).toEqual(new Float64Array(6).fill(afterGap));
    expect(derived.roles.past).toEqual(['load_lag_3', 'load_lag_6', 'load_mean_4']);
    for (const name of derived.roles.past) {
      const [own, stored] = [prepared.columns[name], series.columns[name]];
      expect(own?.slice(0, 40)).toEqual(stored?.slice(0, 40));
      // The first six rows after the gap have too few rows to look back on.
      expect(own?.slice(46)).toEqual(stored?.slice(66, 100));
      expect(prepared.ts[46]).toBe((prepared.ts[0] ?? 0) + 66 * HOUR_MS);
    }
  });

  it('clips rows by the bounds of training, and leaves their truth', () => {
    const table = tableOf(hours(1001, 1002, 1003), { load: [-50, 105, 5000] });
    const { columns, actual } = prepareRows(table, { info: infoOf(meta), meta, place: 'rows' });
    const { lower = NaN, upper = NaN } = meta.clipping?.bounds['load'] ?? {};

    expect([lower > 0, upper < 900]).toEqual([true, true]);
    expect(columns['load']).toEqual(Float64Array.of(lower, 105, upper));
    expect(actual['load']).toEqual(Float64Array.of(-50, 105, 5000));
  });

  it('takes the rows of a dataset without bounds as they are', () => {
    const { clipping: _bounds, ...older } = meta;
    const table = tableOf(hours(1001, 1002), { load: [-50, 5000] });

    expect(prepareRows(table, { info: infoOf(meta), meta: older, place: 'rows' }).columns['load']).toEqual(
      Float64Array.of(-50, 5000),
    );
  });
});
