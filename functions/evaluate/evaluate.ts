import type { RuntimePool } from '@flts/model-runtime';
import { handOn } from '../shared/claims.ts';
import type { Delivery } from '../shared/handlers/kafka-handler.ts';
import type { ModelTraining } from '../shared/messages/schema.ts';
import type { Pointer } from '../shared/promotion.ts';
import type { Services } from '../shared/services.ts';
import { writeStatus, type StageStatus } from '../shared/status.ts';
import { TOPICS } from '../shared/topics.ts';
import { decide } from './decide.ts';
import { fixDecision } from './decision.ts';
import { claimFolder } from '../shared/keys.ts';
import { mark, readMarkers, type Marker } from './markers.ts';
import { promote, type Promoted } from './pointer.ts';

/**
 * Takes one trainer's outcome. When every expected type of the claim has one, decides, promotes and publishes
 * `model-selected`; a redelivery decides alike and changes nothing.
 */
export async function evaluate(
  message: ModelTraining,
  delivery: Delivery,
  pool: RuntimePool,
  services: Services,
): Promise<void> {
  if (message.status === 'RUNNING') return;
  const { storage, log } = services;
  const { identifier, config_hash, claim_id } = message;
  await mark(storage, message);
  const expected = message.settings.EXPECTED_MODEL_TYPES;
  const markers = await readMarkers(storage, claimFolder(identifier, config_hash, claim_id), expected);
  const missing = expected.filter((type) => !markers.some((marker) => marker.model_type === type));
  if (missing.length > 0) {
    log.info({ event: 'evaluation_waiting', identifier, claim_id, missing });
    return report(message, services, { state: 'WAITING', message: `waits for ${missing.join(', ')}` });
  }
  const decision = await fixDecision(storage, message);
  const failed = markers.filter((marker) => marker.status === 'FAILED');
  const allFailed = failed.length === markers.length;
  if (allFailed || (failed.length > 0 && !decision.settings.EVALUATION_ALLOW_FAILED))
    return noPromotion(message, { failed, allFailed }, services);
  const choice = await decide(message, { markers, decision }, pool, services);
  const promoted = await promote(services, choice);
  // What a newer claim's promotion keeps from serving was not selected.
  if (promoted.pointerMoved) await publishSelection(promoted.promotion, delivery, services);
  return reportPromotion(message, promoted, services);
}

async function reportPromotion(
  message: ModelTraining,
  { promotion, pointerMoved }: Promoted,
  services: Services,
): Promise<void> {
  const { promotion_id, run_id, model_type, score, reason, scoreboard } = promotion;
  const promoted = { promotion_id, run_id, model_type, score, reason, pointer_moved: pointerMoved };
  const stays = pointerMoved ? {} : { message: 'a newer claim’s promotion stays in force' };
  await report(message, services, { state: 'SUCCESS', promoted, scoreboard, ...stays });
  const { identifier, claim_id } = message;
  const event = pointerMoved ? 'promoted' : 'promotion_superseded';
  services.log.info({ event, identifier, claim_id, run_id, model_type, score, reason });
}

async function noPromotion(
  message: ModelTraining,
  { failed, allFailed }: { failed: readonly Marker[]; allFailed: boolean },
  services: Services,
): Promise<void> {
  const types = failed.map(({ model_type }) => model_type);
  const { identifier, claim_id } = message;
  services.log.warn({
    event: 'no_promotion',
    identifier,
    claim_id,
    failed: types,
    errors: failed.map(({ error }) => error),
  });
  const first = failed.find(({ error }) => error !== null)?.error ?? undefined;
  await report(message, services, {
    state: 'FAILED',
    message: `no_promotion: ${types.join(', ')} failed${allFailed ? '' : '; EVALUATION_ALLOW_FAILED=1 decides among the rest'}`,
    error: {
      name: first?.name ?? 'FltsError',
      code: 'no_promotion',
      message: `a SUCCESS is missing: ${failed.map(({ model_type, error }) => `${model_type} (${error?.code}: ${error?.message})`).join('; ')}`,
    },
  });
}

async function publishSelection(promotion: Pointer, delivery: Delivery, services: Services): Promise<void> {
  const {
    scoreboard: _scoreboard,
    previous_promotion_id: _previous,
    run_name: _runName,
    evaluation_hash: _evaluation,
    ...selected
  } = promotion;
  const message = { ...selected, ...handOn(promotion, services.now()) };
  await services.publisher.publish(TOPICS.modelSelected, message, delivery.correlationId);
}

async function report(
  { identifier, claim_id, claimed_at, config_hash }: ModelTraining,
  services: Services,
  fields: Partial<StageStatus> & Pick<StageStatus, 'state'>,
): Promise<void> {
  const updated_at = new Date(services.now()).toISOString();
  await writeStatus(services.storage, {
    identifier,
    claim_id,
    claimed_at,
    config_hash,
    stage: 'evaluate',
    updated_at,
    ...fields,
  });
}
