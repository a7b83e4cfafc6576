import type { Delivery } from '../shared/handlers/kafka-handler.ts';
import type { Services } from '../shared/services.ts';
import type { Stage } from '../shared/stage.ts';
import { announceClaim, stageName, type StageStatus } from '../shared/status.ts';
import { DLQ_DATASET, dlqOf, TOPICS } from '../shared/topics.ts';
import { STAGES } from '../stages.ts';
import { enclosedLetters } from './invocation-record.ts';
import { claim, failureOf, type Claim, type DeadLetter } from './schema.ts';
import { isStorable, reportFailure, storedStatus } from './stage-failure.ts';
import { giveUpTraining } from './training.ts';
import { uploadClaims } from './uploads.ts';

/**
 * Tells the rest of the pipeline that a record was given up: FAILED for a training claim, and for every claim its
 * status. May be repeated. A record without a readable claim is logged with its place; nobody waits for it. What AWS's
 * mapping gives up comes inside an invocation record: each record in it is taken for itself.
 */
export async function giveUp(letter: DeadLetter, delivery: Delivery, services: Services): Promise<void> {
  const enclosed = enclosedLetters(letter, delivery);
  for (const each of enclosed ?? []) await giveUp(each.letter, each.delivery, services);
  if (enclosed !== undefined) return;
  const claims = readClaims(letter, delivery);
  if (claims.length === 0) {
    const { topic, partition, offset } = delivery;
    const { beginning } = letter;
    const error = failureOf(delivery);
    services.log.warn({ event: 'dead_letter_unreadable', topic, partition, offset, beginning, error });
    return;
  }
  for (const each of claims) await giveUpClaim(each, letter, delivery, services);
}

async function giveUpClaim(
  each: Claim,
  { message }: DeadLetter,
  delivery: Delivery,
  services: Services,
): Promise<void> {
  if (delivery.topic === dlqOf(TOPICS.trainingData))
    return giveUpTraining(each, message ?? {}, delivery, services);
  if (delivery.topic === DLQ_DATASET) await announceClaim(services.storage, each);
  const stage = stageOf(delivery);
  await reportFailure({ claim: each, stage }, delivery, services);
  if (delivery.topic === DLQ_DATASET) await giveUpGroups(each, delivery, services);
  const { identifier, claim_id } = each;
  services.log.warn({ event: 'stage_given_up', identifier, claim_id, stage, error: failureOf(delivery) });
}

/** The groups of a split upload that are not made, nor given up for a reason of their own. */
async function giveUpGroups(upload: Claim, delivery: Delivery, services: Services): Promise<void> {
  const { storage } = services;
  const split = await storedStatus(storage, { claim: upload, stage: 'preprocess' });
  for (const { identifier, claim_id } of split?.groups ?? []) {
    const failed = { claim: { ...upload, identifier, claim_id }, stage: 'preprocess' } as const;
    const state = (await storedStatus(storage, failed))?.state;
    if (state !== 'SUCCESS' && state !== 'FAILED') await reportFailure(failed, delivery, services);
  }
}

/** Empty where the record has none that can be read, or one whose status could not be stored. */
function readClaims({ message }: DeadLetter, delivery: Delivery): Claim[] {
  if (message === null) return [];
  const claims = delivery.topic === DLQ_DATASET ? readUploads(message, delivery) : readMessage(message);
  return claims.filter(isStorable);
}

function readUploads(message: Record<string, unknown>, delivery: Delivery): Claim[] {
  try {
    return uploadClaims(message, delivery);
  } catch {
    return [];
  }
}

function readMessage(message: Record<string, unknown>): Claim[] {
  const parsed = claim.safeParse(message);
  return parsed.success ? [parsed.data] : [];
}

/**
 * The stage that reads the letter's topic, as its manifest says; of several the one whose function gave the record up, which
 * on AWS has service and stage of the deployment in front of its name.
 */
function stageOf({ topic, headers }: Delivery): StageStatus['stage'] {
  const readers = STAGES.filter(({ takesUploads = false, functions }) =>
    topic === DLQ_DATASET
      ? takesUploads
      : functions.some(({ reads = [] }) => reads.some((each) => dlqOf(each.topic) === topic)),
  );
  const by = headers['dlq_function'] ?? '';
  const own = ({ functions }: Stage): boolean =>
    functions.some(({ name }) => by === name || by.endsWith(`-${name}`));
  const stage = readers.find(own) ?? readers[0];
  return stageName.parse(stage?.givenUpAs ?? stage?.name);
}
