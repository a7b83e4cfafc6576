import { FltsError } from '../shared/errors.ts';
import type { Delivery } from '../shared/handlers/kafka-handler.ts';
import type { Services } from '../shared/services.ts';
import { stageStatus, statusPrefix, writeStatus, type StageStatus } from '../shared/status.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { BUCKETS } from '../shared/topics.ts';
import { failureOf, type Claim } from './schema.ts';

export interface FailedStage {
  readonly claim: Claim;
  readonly stage: StageStatus['stage'];
  readonly modelType?: string;
}

/**
 * Tells /status that a stage's record was given up, and where it lies. A stage that succeeded stays so and only gets
 * the place beside it; a report made after the giving-up (the record was sent again, and is under way) stands.
 */
export async function reportFailure(
  failed: FailedStage,
  delivery: Delivery,
  { storage, now }: Services,
): Promise<void> {
  const stored = await storedStatus(storage, failed);
  const dlq = { topic: delivery.topic, partition: delivery.partition, offset: String(delivery.offset) };
  const error = failureOf(delivery);
  if (stored?.state === 'SUCCESS') return writeStatus(storage, { ...stored, dlq, error });
  const givenUpAt = delivery.headers['dlq_timestamp'];
  const isLater = stored !== undefined && givenUpAt !== undefined && stored.updated_at > givenUpAt;
  if (isLater && stored.state !== 'FAILED') return undefined;
  const { identifier, claim_id, claimed_at, config_hash } = failed.claim;
  return writeStatus(storage, {
    ...stored,
    identifier,
    claim_id,
    claimed_at,
    config_hash: config_hash ?? stored?.config_hash ?? null,
    stage: failed.stage,
    ...(failed.modelType === undefined ? {} : { model_type: failed.modelType }),
    state: 'FAILED',
    updated_at: new Date(now()).toISOString(),
    error,
    dlq,
  });
}

/** undefined where the stage has told nothing, or nothing that can be read. */
export async function storedStatus(
  storage: Storage,
  { claim, stage, modelType }: FailedStage,
): Promise<StageStatus | undefined> {
  const name = modelType === undefined ? stage : `${stage}-${modelType}`;
  const key = `${statusPrefix(claim.identifier, claim.claim_id)}${name}.json`;
  try {
    return (await storage.getJson(BUCKETS.processed, key, stageStatus))?.value;
  } catch (cause) {
    if (cause instanceof FltsError && cause.code === 'message_invalid') return undefined;
    throw cause;
  }
}

/** Bytes: the end of S3's keys, less the longest name of a status. */
const PREFIX_LIMIT = 1024 - 'train-XXXXXXXXXXXXXXXX.json'.length;

/** Whether a status of the claim can be stored at all: retrying one that cannot would hold up the topic for ever. */
export function isStorable({ identifier, claim_id }: Claim): boolean {
  const prefix = statusPrefix(identifier, claim_id);
  const bytes = Buffer.from(prefix);
  return bytes.length <= PREFIX_LIMIT && bytes.toString('utf8') === prefix;
}
