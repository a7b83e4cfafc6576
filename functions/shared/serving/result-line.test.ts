import { describe, expect, it } from 'vitest';
import { resultLine } from '../messages/schema.ts';
import { predictionHash, resultLineOf, type LineOf, type PredictedRows } from './result-line.ts';

/** Two windows of two steps; the truth of the last two rows of `load`, and of all of `flow`, is missing in part. */
const rows: PredictedRows = {
  ts: Float64Array.of(0, 1000, 2000, 3000),
  step: Int32Array.of(1, 2, 1, 2),
  predicted: { load: Float64Array.of(1, 2, 3, 4), flow: Float64Array.of(10, 20, 30, 40) },
  actual: { load: Float64Array.of(2, 4, NaN, NaN), flow: Float64Array.of(10, NaN, 27, NaN) },
};
const line = (of: Partial<LineOf> = {}) =>
  resultLineOf({
    timestamp: '2024-01-01T00:00:00.000Z',
    identifier: 'grid',
    runId: 'a-run',
    modelType: 'GRU',
    configHash: 'a-hash',
    promoted: true,
    rows,
    sampleTargets: 3,
    ...of,
  });

describe('a line of results', () => {
  it('has errors in original units, of known cells alone', () => {
    const { metrics } = line();
    const mse = { load: (1 + 4) / 2, flow: 9 / 2 };
    expect(metrics).toMatchObject({
      overlap_rows: 3,
      rows_predicted: 4,
      mae: { load: 1.5, flow: 1.5 },
      mse,
      mae_mean: 1.5,
      mse_mean: (mse.load + mse.flow) / 2,
      rmse: Math.sqrt((mse.load + mse.flow) / 2),
      step_mae: [(1 + 0 + 3) / 3, 2],
    });
    expect(resultLine.parse(line())).toEqual(line());
  });

  it('has no figure where no truth is known', () => {
    const actual = { load: new Float64Array(4).fill(NaN), flow: new Float64Array(4).fill(NaN) };
    expect(line({ rows: { ...rows, actual } }).metrics).toMatchObject({
      overlap_rows: 0,
      mae_mean: null,
      mse_mean: null,
      rmse: null,
      mae: { load: null, flow: null },
      step_mae: [null, null],
    });
  });

  it('shows the newest 100 rows one by one, of as many targets as asked', () => {
    expect(line({ sampleTargets: 1 }).samples.slice(1, 3)).toEqual([
      {
        step: 2,
        ts: '1970-01-01T00:00:01.000Z',
        pred: { load: 2 },
        actual: { load: 4 },
        abs_err: { load: 2 },
      },
      {
        step: 1,
        ts: '1970-01-01T00:00:02.000Z',
        pred: { load: 3 },
        actual: { load: null },
        abs_err: { load: null },
      },
    ]);
    const long = Float64Array.from({ length: 250 }, (_, row) => row);
    const step = Int32Array.from(long, (row) => row + 1);
    const { samples } = line({ rows: { ts: long, step, predicted: { load: long }, actual: {} } });
    expect([samples.length, samples[0]?.step, samples.at(-1)?.step]).toEqual([100, 151, 250]);
  });

  it('names the request where there is one', () => {
    expect(line()).not.toHaveProperty('req_id');
    expect(line({ requestId: 'r-1' }).req_id).toBe('r-1');
  });

  it('has a hash of every row and column of the prediction, and of nothing else', () => {
    const hash = predictionHash(rows);
    expect(predictionHash({ ...rows, actual: {} })).toBe(hash);
    const other = { ...rows.predicted, flow: Float64Array.of(10, 20, 30, 41) };
    expect(predictionHash({ ...rows, predicted: other })).not.toBe(hash);
    expect(predictionHash({ ...rows, ts: Float64Array.of(0, 1000, 2000, 3001) })).not.toBe(hash);
  });
});
