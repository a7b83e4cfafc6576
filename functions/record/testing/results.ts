import type { RecordedResult } from '../schema.ts';

export interface ResultFields {
  readonly identifier?: string;
  readonly timestamp?: string;
  readonly runId?: string;
  readonly prediction?: string;
  /** Bytes that make the line long. */
  readonly padding?: number;
}

/** A message of inference-results, as infer publishes it. */
export function result(fields: ResultFields = {}): RecordedResult {
  const { identifier = 'load', timestamp = '2024-05-01T12:00:00.000Z', runId = 'run-1' } = fields;
  const { prediction = 'p-1', padding = 0 } = fields;
  return {
    v: 1,
    identifier,
    config_hash: 'h',
    claim_id: 'c',
    claimed_at: timestamp,
    produced_at: timestamp,
    line: {
      timestamp,
      identifier,
      run_id: runId,
      model_type: 'GRU',
      config_hash: 'h',
      promoted: true,
      status: 'SUCCESS',
      metrics: {
        overlap_rows: 1,
        mae_mean: 1.5,
        mse_mean: null,
        rmse: 2,
        mae: { load: 1.5 },
        mse: { load: null },
        step_mae: [1.5],
        prediction_hash: prediction,
        rows_predicted: 1,
      },
      samples: [],
      note: 'ü'.repeat(Math.floor(padding / 2)),
    },
  };
}
