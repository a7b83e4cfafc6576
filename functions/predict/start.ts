import { nextTimestamps, type ForecastTask } from '@flts/model-runtime';
import { describeError } from '../shared/errors.ts';
import { requiredColumns, withDerived } from '../shared/serving/prepare-rows.ts';
import type { ServedModel } from '../shared/serving/serving-models.ts';
import { GLOBAL_IDENTIFIER } from '../shared/topics.ts';
import type { Instance } from './instance.ts';

/**
 * Loads what is promoted, and has the models ready in a thread, before the first request asks for them. Never
 * rejects: a model that cannot be loaded is logged by serving-models.ts, and requests answer 503 until it can.
 */
export async function loadAtStart(instance: Instance): Promise<void> {
  const { models, settings, services, queue } = instance;
  for (const identifier of new Set([settings.IDENTIFIER, GLOBAL_IDENTIFIER])) {
    try {
      const served = await models.current(identifier);
      if (served !== undefined) await queue.warm(warmUpTask(served));
    } catch (cause) {
      services.log.warn({ event: 'warm_up_failed', identifier, ...describeError(cause) });
    }
  }
}

/** One step after made-up rows at each column's middle. */
function warmUpTask({ model, meta }: ServedModel): ForecastTask {
  const { files, runId, scaler, info } = model;
  const ts = nextTimestamps(0, info.frequency, Math.max(1, info.contextRows));
  const means = requiredColumns(info).map((name) => {
    const mean = meta.imputation.means[name] ?? scaler.columns[name]?.offset ?? 0;
    return [name, new Float64Array(ts.length).fill(mean)] as const;
  });
  const columns = withDerived({ ts, columns: Object.fromEntries(means) }, info);
  return { files, modelKey: runId, scaler, context: { ts, columns }, steps: 1 };
}
