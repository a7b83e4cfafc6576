import type { RuntimePool } from '@flts/model-runtime';
import { handOn } from '../shared/claims.ts';
import type { Services } from '../shared/services.ts';
import { resultLineOf } from '../shared/serving/result-line.ts';
import type { RunModel } from '../shared/serving/run-model.ts';
import type { ServedModel, ServingModels } from '../shared/serving/serving-models.ts';
import type { StoredSeries } from '../shared/serving/stored-series.ts';
import { writeStatus, type StageStatus } from '../shared/status.ts';
import { TOPICS } from '../shared/topics.ts';
import { readClaimRows } from './claim-rows.ts';
import { forecastRows } from './forecast-claim.ts';
import { forgetPending, keepPending } from './pending.ts';
import type { ForecastClaim, PendingClaim } from './schema.ts';

export interface Inference {
  readonly pool: RuntimePool;
  readonly models: ServingModels;
  readonly stored: StoredSeries;
  readonly settings: {
    readonly INFERENCE_MAX_WINDOWS: number;
    readonly PREDICT_LOG_FEATURE_LIMIT: number;
    readonly RUN_INFERENCE_ON_TRAIN_SUCCESS: boolean;
  };
}

/**
 * Forecasts a claim with the model in force. Without one the claim is kept and counts as handled: the next
 * `model-selected` of its identifier takes it up.
 */
export async function inferClaim(
  pending: PendingClaim,
  inference: Inference,
  services: Services,
): Promise<void> {
  if (isExpired(pending, services)) return;
  const served = await inference.models.current(pending.claim.identifier).catch(ifItMayCome);
  if (served !== undefined) return forecastWith(served, pending, inference, services);
  await keepPending(services.storage, pending);
  await report(pending.claim, services, { state: 'WAITING', message: 'waits for a promoted model' });
  services.log.info({ event: 'claim_pending', ...namesOf(pending.claim) });
  // A promotion between our look and our write has found nothing to take up.
  const since = await inference.models.current(pending.claim.identifier, 0).catch(ifItMayCome);
  if (since === undefined) return undefined;
  await forecastWith(since, pending, inference, services);
  return forgetPending(services.storage, pending);
}

/** A model that cannot be loaded counts as none; a service that does not answer is asked again later. */
function ifItMayCome(cause: unknown): undefined {
  const isForGood = cause instanceof Error && 'retryable' in cause && cause.retryable === false;
  if (!isForGood) throw cause;
}

/** Dropped past its deadline, and counted. */
export function isExpired(pending: PendingClaim, { now, log }: Services): boolean {
  if (pending.deadline_ms === null || now() <= pending.deadline_ms) return false;
  expired += 1;
  log.info({
    event: 'claim_expired',
    ...namesOf(pending.claim),
    deadline_ms: pending.deadline_ms,
    expired_in_all: expired,
  });
  return true;
}

let expired = 0;

/** Forecasts a claim with the promoted model and publishes its line. */
export function forecastWith(
  { model, meta, pointer }: ServedModel,
  pending: PendingClaim,
  inference: Inference,
  services: Services,
): Promise<void> {
  return publishForecast(
    { pending, model, meta, configHash: pointer.config_hash, promoted: true },
    inference,
    services,
  );
}

export interface ForecastBy extends Pick<ServedModel, 'meta'> {
  readonly pending: PendingClaim;
  readonly model: RunModel;
  readonly configHash: string;
  readonly promoted: boolean;
}

export async function publishForecast(
  { pending: { claim, correlation_id }, model, meta, configHash, promoted }: ForecastBy,
  { pool, stored, settings }: Inference,
  services: Services,
): Promise<void> {
  const claimRows = await readClaimRows(claim, { model, meta }, services.storage, stored);
  const place = `${claim.bucket}/${claim.object}`;
  const rows = await forecastRows(
    { claimRows, model, maxWindows: settings.INFERENCE_MAX_WINDOWS, place },
    pool,
  );
  const line = resultLineOf({
    timestamp: claim.claimed_at,
    identifier: claim.identifier,
    runId: model.runId,
    modelType: model.modelType,
    configHash,
    promoted,
    rows,
    sampleTargets: settings.PREDICT_LOG_FEATURE_LIMIT,
  });
  const message = { ...handOn(claim, services.now()), line };
  await services.publisher.publish(TOPICS.inferenceResults, message, correlation_id);
  if (promoted) await report(claim, services, { state: 'SUCCESS', run_id: model.runId });
  services.log.info({
    event: 'claim_forecast',
    ...namesOf(claim),
    run_id: model.runId,
    promoted,
    rows: rows.ts.length,
    overlap_rows: line.metrics.overlap_rows,
  });
}

export function namesOf({ identifier, claim_id }: ForecastClaim): { identifier: string; claim_id: string } {
  return { identifier, claim_id };
}

async function report(
  { identifier, claim_id, claimed_at, config_hash, report_status }: ForecastClaim,
  { storage, now }: Services,
  fields: Pick<StageStatus, 'state'> & Partial<StageStatus>,
): Promise<void> {
  if (!report_status) return;
  const updated_at = new Date(now()).toISOString();
  await writeStatus(storage, {
    identifier,
    claim_id,
    claimed_at,
    config_hash,
    stage: 'infer',
    updated_at,
    ...fields,
  });
}
