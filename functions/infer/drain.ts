import { describeError, FltsError, tryTwice } from '../shared/errors.ts';
import { dlqHeaders, type Delivery } from '../shared/handlers/kafka-handler.ts';
import type { ModelSelected, ModelTraining } from '../shared/messages/schema.ts';
import type { Services } from '../shared/services.ts';
import { loadMeta } from '../shared/dataset/load.ts';
import { testKey } from '../shared/keys.ts';
import { loadRunModel } from '../shared/serving/run-model.ts';
import type { ServedModel } from '../shared/serving/serving-models.ts';
import { BUCKETS, dlqOf, GLOBAL_IDENTIFIER, TOPICS } from '../shared/topics.ts';
import { forecastWith, isExpired, namesOf, publishForecast, type Inference } from './infer.ts';
import { forgetPending, pendingClaims } from './pending.ts';
import type { PendingClaim } from './schema.ts';

/** What a last forecast and its bookkeeping may take. */
const MARGIN_MS = 30_000;

/**
 * Takes up the claims that waited for a model of the identifier, and of `global`, which every promotion moves. Each is
 * forgotten once its line is with the broker: a crash in between repeats a line, which record writes once.
 * @throws FltsError inference_timeout (retryable) where the function's time ends first
 */
export async function drainPending(
  { identifier }: ModelSelected,
  delivery: Delivery,
  inference: Inference,
  services: Services,
): Promise<void> {
  for (const name of new Set([identifier, GLOBAL_IDENTIFIER])) {
    const served = await inference.models.reload(name);
    if (served === undefined) continue;
    for await (const pending of pendingClaims(services.storage, name)) {
      if (delivery.remainingMs() < MARGIN_MS)
        throw new FltsError(
          'inference_timeout',
          `expected to take up every pending claim of ${name} in time, got some left`,
          { retryable: true },
        );
      await takeUp(pending, served, inference, services);
    }
  }
}

async function takeUp(
  pending: PendingClaim,
  served: ServedModel,
  inference: Inference,
  services: Services,
): Promise<void> {
  try {
    if (!isExpired(pending, services))
      await tryTwice(() => forecastWith(served, pending, inference, services));
  } catch (cause) {
    if (describeError(cause).retryable) throw cause;
    await giveUp(pending, cause, services);
  }
  await forgetPending(services.storage, pending);
}

/** The claim's own record was handled long ago, so it goes to the DLQ from here. */
async function giveUp(
  { claim, correlation_id }: PendingClaim,
  cause: unknown,
  { publisher, log, now }: Services,
): Promise<void> {
  const error = describeError(cause);
  log.error({ event: 'pending_claim_given_up', ...namesOf(claim), ...error });
  const headers = {
    correlation_id,
    ...dlqHeaders(error, 'infer', now()),
    dlq_topic: TOPICS.inferenceData,
  };
  const value = JSON.stringify(claim);
  await publisher.send(dlqOf(TOPICS.inferenceData), [{ key: claim.identifier, value, headers }]);
}

/**
 * The fast path: where RUN_INFERENCE_ON_TRAIN_SUCCESS is set, each finished run forecasts its claim's test rows at
 * once; such lines are not marked promoted.
 */
export async function forecastFinishedRun(
  message: ModelTraining,
  delivery: Delivery,
  inference: Inference,
  services: Services,
): Promise<void> {
  const { status, run_id, run_name, identifier, config_hash } = message;
  const wanted = inference.settings.RUN_INFERENCE_ON_TRAIN_SUCCESS && status === 'SUCCESS';
  if (!wanted || run_id === undefined) return;
  const [model, meta] = await Promise.all([
    loadRunModel(services.tracking, run_id, run_name),
    loadMeta(services.storage, identifier, config_hash),
  ]);
  const object = testKey(identifier, config_hash);
  const claim = {
    ...message,
    bucket: BUCKETS.processed,
    object,
    object_key: object,
    size: 0,
    operation: 'forecast',
    report_status: false,
  };
  const pending = { v: 1 as const, claim, correlation_id: delivery.correlationId, deadline_ms: null };
  await publishForecast(
    { pending, model, meta, configHash: config_hash, promoted: false },
    inference,
    services,
  );
}
