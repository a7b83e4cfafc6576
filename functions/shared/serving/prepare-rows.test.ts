import type { ModelInfo } from '@flts/model-runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadDataset } from '../dataset/load.ts';
import type { DatasetMeta } from '../dataset/meta.ts';
import { createMemoryServices } from '../testing/memory-services.ts';
import { processUpload } from '../testing/promoted.ts';
import { hours, range, tableOf } from '../testing/tables.ts';
import { prepareRows } from './prepare-rows.ts';

const load = (hour: number): number => 100 + ((hour * 7) % 11) + (hour % 40 === 3 ? 900 : 0);
const infoOf = ({ roles, calendar, frequency }: DatasetMeta): ModelInfo => ({
  modelType: 'NAIVE',
  roles,
  calendar,
  frequency,
  contextRows: 1,
  horizon: null,
});

describe('prepareRows', () => {
  let meta: DatasetMeta;
  beforeAll(async () => {
    const { services } = createMemoryServices();
    const lines = range(200).map((hour) => `${new Date(hours(hour)[0] ?? 0).toISOString()},${load(hour)}`);
    const { training } = await processUpload(services, 'x', {
      csv: ['time,load', ...lines, ''].join('\n'),
      config: { CLIP_METHOD: 'iqr' },
    });
    ({ meta } = await loadDataset(services.storage, 'x', training.config_hash));
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
