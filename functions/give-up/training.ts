import { handOn } from '../shared/claims.ts';
import type { Delivery } from '../shared/handlers/kafka-handler.ts';
import { continuation, envelope, type Envelope, type ModelTraining } from '../shared/messages/schema.ts';
import type { Services } from '../shared/services.ts';
import { claimSettings, type ClaimSettings } from '../shared/settings/settings.ts';
import { TOPICS } from '../shared/topics.ts';
import { failureOf, type Claim } from './schema.ts';
import { reportFailure, storedStatus } from './stage-failure.ts';

/** What of a training claim the evaluator needs to hear that nothing more will come. */
const training = envelope.extend({ settings: claimSettings, continuation: continuation.optional() });

/** Publishes FAILED for each trainer that gave the claim up, so that its evaluation stops waiting, and says so in its status. */
export async function giveUpTraining(
  claim: Claim,
  message: Record<string, unknown>,
  delivery: Delivery,
  services: Services,
): Promise<void> {
  const parsed = training.safeParse(message);
  const own = parsed.data?.continuation?.model_type;
  const expected = own === undefined ? (parsed.data?.settings.EXPECTED_MODEL_TYPES ?? []) : [own];
  for (const modelType of await givenUpTypes(claim, expected, delivery, services)) {
    const status = await storedStatus(services.storage, { claim, stage: 'train', modelType });
    if (parsed.success) {
      const runId = status?.run_id;
      const failed = failedTraining(parsed.data, { modelType, runId, delivery, now: services.now() });
      await services.publisher.publish(TOPICS.modelTraining, failed, delivery.correlationId);
    }
    await reportFailure({ claim, stage: 'train', modelType }, delivery, services);
    services.log.warn({
      event: 'training_given_up',
      identifier: claim.identifier,
      claim_id: claim.claim_id,
      model_type: modelType,
      error: failureOf(delivery),
    });
  }
}

/**
 * Trainers are named train-<model type>, on AWS with service and stage in front. Where the header is missing any of the
 * expected ones (the one, where it is a continuation) may be meant: all that have not succeeded count as failed, and a SUCCESS yet to come replaces that.
 */
async function givenUpTypes(
  claim: Claim,
  expected: readonly string[],
  { headers }: Delivery,
  { storage }: Services,
): Promise<string[]> {
  const named = trainerOf(headers['dlq_function']);
  if (named !== undefined) return [named];
  const open: string[] = [];
  for (const modelType of expected) {
    const status = await storedStatus(storage, { claim, stage: 'train', modelType });
    if (status?.state !== 'SUCCESS') open.push(modelType);
  }
  return open;
}

/** Whatever stands in front, what follows the last `train-`. */
const TRAINER = /^(?:.*-)?train-([a-z\d_-]+)$/iu;

/** MODEL_TYPE of a trainer's function name, as ED_LSTM of train-ed-lstm; undefined where it is no trainer's. */
export function trainerOf(functionName: string | undefined): string | undefined {
  return TRAINER.exec(functionName ?? '')?.[1]
    ?.toUpperCase()
    .replaceAll('-', '_');
}

interface FailedTraining {
  readonly modelType: string;
  readonly runId: string | undefined;
  readonly delivery: Delivery;
  readonly now: number;
}

function failedTraining(
  claim: Envelope & { settings: ClaimSettings },
  { modelType, runId, delivery, now }: FailedTraining,
): ModelTraining {
  return {
    ...handOn(claim, now),
    operation: `Failed: ${modelType}`,
    status: 'FAILED',
    experiment: claim.identifier,
    run_name: modelType,
    ...(runId === undefined ? {} : { run_id: runId }),
    model_type: modelType,
    settings: claim.settings,
    error: failureOf(delivery),
  };
}
