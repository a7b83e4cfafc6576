import type { Columns, Forecast, Series } from '@flts/model-runtime';
import { handOn } from '../../shared/claims.ts';
import { contentHash } from '../../shared/hash.ts';
import type { InferenceResult } from '../../shared/messages/schema.ts';
import { resultLineOf, type PredictedRows } from '../../shared/serving/result-line.ts';
import type { ServedModel } from '../../shared/serving/serving-models.ts';

export interface ServedForecast {
  readonly served: ServedModel;
  readonly forecast: Forecast;
  readonly requestId: string;
  /** When the request came, epoch ms. */
  readonly at: number;
}

/** The message of inference-results for a forecast that HTTP asked for; `series`: stored rows, for the truth where it is known. */
export function resultMessage(
  { served, forecast, requestId, at }: ServedForecast,
  series: Series | undefined,
  { sampleTargets, now }: { sampleTargets: number; now: number },
): InferenceResult {
  const { pointer, model } = served;
  const { identifier, config_hash } = pointer;
  const timestamp = new Date(at).toISOString();
  const claim_id = contentHash({ req_id: requestId, run_id: model.runId, at });
  const line = resultLineOf({
    timestamp,
    identifier,
    runId: model.runId,
    modelType: model.modelType,
    configHash: config_hash,
    promoted: true,
    requestId,
    rows: predictedRows(forecast, series),
    sampleTargets,
  });
  return { ...handOn({ identifier, config_hash, claim_id, claimed_at: timestamp }, now), line };
}

function predictedRows({ ts, values }: Forecast, series: Series | undefined): PredictedRows {
  return {
    ts,
    step: Int32Array.from(ts, (_, index) => index + 1),
    predicted: values,
    actual: truthAt(ts, Object.keys(values), series),
  };
}

/** The untouched truth at each time; NaN where it is missing or not stored. */
function truthAt(ts: Float64Array, targets: readonly string[], series: Series | undefined): Columns {
  const rows = new Map<number, number>();
  if (series !== undefined) {
    const first = ts[0] ?? 0;
    for (let row = series.ts.length - 1; row >= 0 && (series.ts[row] ?? 0) >= first; row -= 1)
      rows.set(series.ts[row] ?? 0, row);
  }
  return Object.fromEntries(
    targets.map((name) => [name, ts.map((at) => series?.actual[name]?.[rows.get(at) ?? -1] ?? NaN)]),
  );
}
