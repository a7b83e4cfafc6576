import { handOn } from '../shared/claims.ts';
import type { Delivery } from '../shared/handlers/kafka-handler.ts';
import { continuation, envelope, type Envelope, type ModelTraining } from '../shared/messages/schema.ts';
import type { Services } from '../shared/services.ts';
import { claimSettings, type ClaimSettings } from '../shared/settings/settings.ts';
import { TOPICS } from '../shared/topics.ts';
import { STAGES } from '../stages.ts';
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
 * Those that the letter names, or the one of its trainer. Of a trainer of several, and where the letter names no trainer, any
 * of the expected ones (the one, where it is a continuation) may be meant: all that have not succeeded count as failed, and a
 * SUCCESS yet to come replaces that.
 */
async function givenUpTypes(
  claim: Claim,
  expected: readonly string[],
  { headers }: Delivery,
  { storage }: Services,
): Promise<string[]> {
  const named = headers['dlq_model_types']?.split(',');
  if (named !== undefined) return named;
  const trained = typesOf(headers['dlq_function']);
  if (trained?.length === 1) return [...trained];
  const open: string[] = [];
  for (const modelType of expected.filter((type) => trained?.includes(type) ?? true)) {
    const status = await storedStatus(storage, { claim, stage: 'train', modelType });
    if (status?.state !== 'SUCCESS') open.push(modelType);
  }
  return open;
}

const TRAINERS = STAGES.find(({ name }) => name === 'train')?.functions ?? [];

/** The model types of a trainer's function, on AWS with service and stage in front of its name; undefined: it is no trainer. */
function typesOf(functionName = ''): readonly string[] | undefined {
  const name = functionName.toLowerCase();
  const trainer = TRAINERS.find((each) => name === each.name || name.endsWith(`-${each.name}`));
  return trainer?.environment?.['MODEL_TYPE']?.split(',');
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
