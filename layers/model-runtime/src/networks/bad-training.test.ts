import { describe, expect, it } from 'vitest';
import { seasonalSeries, taskOf } from '../testing/series.ts';
import type { TrainSettings, TrainTask } from '../types.ts';
import { trainModel } from '../families/train.ts';

const series = seasonalSeries(160);
const task = taskOf('GRU', series);
const refusal = (of: TrainTask): Promise<unknown> =>
  trainModel(of).then(
    () => 'a model',
    (cause: unknown) => cause,
  );
/** One among values that TypeScript would not let through: settings come from JSON. */
const withSetting = (name: string, value: unknown): TrainTask => ({
  ...task,
  settings: { ...task.settings, [name]: value } as TrainSettings,
});

describe('a network is not trained', () => {
  it.each([
    ['loss', 'rmse', 'mse or mae or huber'],
    ['dropout', 1, 'from 0 on, below 1'],
    ['dropout', -0.1, 'from 0 on, below 1'],
    ['dropout', Number.NaN, 'from 0 on, below 1'],
    ['weightDecay', -1, 'from 0 on'],
    ['weightDecay', Number.POSITIVE_INFINITY, 'from 0 on'],
    ['clipNorm', -1, 'from 0 on'],
    ['fastMath', 'yes', 'true or false'],
    ['learningRate', 0, 'above 0'],
    ['batchSize', 0, 'whole number from 1 on'],
    ['epochs', 2.5, 'whole number from 1 on'],
    ['seed', 2 ** 31, 'from 0 to 2147483647'],
    ['hiddenSize', undefined, 'whole number from 1 on'],
  ])('with %s %s', async (name, value, allowed) => {
    expect(await refusal(withSetting(name, value))).toMatchObject({
      code: 'setting_invalid',
      retryable: false,
      message: expect.stringMatching(
        new RegExp(`settings\\.${name} .*${allowed}.*, got ${String(value)}$`, 'u'),
      ),
    });
  });

  it('on columns of different lengths', async () => {
    const { load = new Float64Array() } = series.columns;
    const columns = { ...series.columns, load: load.slice(0, 150) };
    expect(await refusal({ ...task, series: { ...series, columns } })).toMatchObject({
      code: 'shape_mismatch',
      message: 'expected 160 rows in column load, as in series.ts, got 150',
    });
    expect(await refusal({ ...task, series: { ...series, block: new Int32Array(159) } })).toMatchObject({
      code: 'shape_mismatch',
      message: 'expected 160 rows in series.block, as in series.ts, got 159',
    });
  });

  it('on segments beyond the rows', async () => {
    const segments = { ...task.segments, validate: { start: 112, end: 161 } };
    expect(await refusal({ ...task, segments })).toMatchObject({
      code: 'shape_mismatch',
      message: 'expected validate within the 160 rows of the series, got rows 112 to 161',
    });
  });

  it('without rows to validate on', async () => {
    const segments = { ...task.segments, validate: { start: 112, end: 112 } };
    expect(await refusal({ ...task, segments })).toMatchObject({
      code: 'insufficient_rows',
      message: 'expected at least 16 rows without a gap for a window in validate, got 0',
    });
  });

  it('without a target', async () => {
    const roles = { ...task.roles, targets: [] };
    expect(await refusal({ ...task, roles })).toMatchObject({ code: 'feature_count_mismatch' });
  });

  it.each([
    [Number.NaN, 'a finite number'],
    [Number.NEGATIVE_INFINITY, 'a finite number'],
    [1e300, 'after scaling'],
  ])('on %d among its inputs', async (value, expected) => {
    const cold = (series.columns['cold'] ?? new Float64Array()).with(23, value);
    const broken = { ...series, columns: { ...series.columns, cold } };
    expect(await refusal({ ...task, series: broken })).toMatchObject({
      code: 'non_finite_input',
      message: expect.stringMatching(new RegExp(`${expected} in column cold, row 23, got`, 'u')),
    });
  });

  it.each([0, 17, 1.5])('on %d threads with 16 rows a batch', async (threads) => {
    expect(await refusal({ ...task, threads })).toMatchObject({
      code: 'setting_invalid',
      message: `expected 1 to 16 threads for 16 rows a batch, got ${threads}`,
    });
  });

  it('beyond the memory that it may take, and says how much it would need for what', async () => {
    const large = withSetting('hiddenSize', 512);
    expect(await refusal({ ...large, memoryBytes: 8 * 2 ** 20 })).toMatchObject({
      code: 'setting_invalid',
      message: expect.stringMatching(
        /within 8 MB of memory, got one of \d\d MB: 16 rows a batch x 12 steps x 1 layers of 512 units, 128 rows x 4 features/u,
      ),
    });
  });

  it('beyond 4 GiB, whatever may be taken', async () => {
    expect(await refusal(withSetting('hiddenSize', 30_000))).toMatchObject({
      code: 'setting_invalid',
      message: expect.stringContaining('within 4096 MB'),
    });
  });
});
