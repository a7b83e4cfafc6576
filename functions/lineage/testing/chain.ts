import { hourlyCsv } from '../../preprocess/testing/stage.ts';
import { leaseKey } from '../../shared/keys.ts';
import type { ResultLine } from '../../shared/messages/schema.ts';
import type { Pointer } from '../../shared/promotion.ts';
import { pointAt, processUpload } from '../../shared/testing/promoted.ts';
import { BUCKETS } from '../../shared/topics.ts';
import { CONFIG_HASH_TAG, type Stores } from '../locate.ts';

export const PREDICTION_HASH = 'ab'.repeat(32);

export interface Chain {
  readonly identifier: string;
  readonly configHash: string;
  /** Promoted, with a prediction. */
  readonly gru: string;
  /** Failed. */
  readonly lstm: string;
  readonly promotion: Pointer;
}

/** A processed upload, two runs of it, a promotion and two lines of predictions, as the stages store them. */
export async function storeChain(stores: Stores, identifier: string): Promise<Chain> {
  const { storage, tracking } = stores;
  const { training } = await processUpload(stores, identifier, { csv: hourlyCsv(200) });
  const { config_hash: configHash } = training;
  const experimentId = await tracking.experimentId(identifier);
  const start = async (runName: string, startTime: number) => {
    const tags = { [CONFIG_HASH_TAG]: configHash };
    const { runId } = await tracking.createRun({ experimentId, runName, startTime, tags });
    return runId;
  };
  const [gru, lstm] = [await start('GRU', 1000), await start('LSTM', 2000)];
  const metrics = [{ key: 'select_score', value: 0.25, step: 0, timestamp: 1 }];
  await tracking.log(gru, { metrics });
  await tracking.setStatus(gru, 'FINISHED', 3000);
  await tracking.setStatus(lstm, 'FAILED', 3000);
  await storage.putJson(BUCKETS.processed, leaseKey(identifier, configHash, 'key'), {
    v: 1,
    holder: 'x',
    run_id: gru,
  });
  const promotion = await pointAt(stores, training, { runId: gru, modelType: 'GRU' });
  await storage.putJson(
    BUCKETS.promotion,
    `${identifier}/${configHash}/promotion-1000-aaaaaaaa.json`,
    promotion,
  );
  const lines = [
    lineOf(identifier, configHash, gru, PREDICTION_HASH),
    lineOf(identifier, configHash, lstm, 'cd'.repeat(32)),
  ];
  const text = [...lines.map((line) => JSON.stringify(line)), 'torn', ''].join('\n');
  await storage.put(BUCKETS.inferenceLogs, `${identifier}/20240501/results.jsonl`, text);
  return { identifier, configHash, gru, lstm, promotion };
}

function lineOf(
  identifier: string,
  config_hash: string,
  run_id: string,
  prediction_hash: string,
): ResultLine {
  const figures = { mae_mean: null, mse_mean: null, rmse: null, mae: {}, mse: {}, step_mae: [] };
  return {
    timestamp: '2024-05-01T00:00:00.000Z',
    identifier,
    run_id,
    model_type: 'GRU',
    config_hash,
    promoted: true,
    status: 'SUCCESS',
    metrics: { ...figures, overlap_rows: 0, prediction_hash, rows_predicted: 24 },
    samples: [],
  };
}
