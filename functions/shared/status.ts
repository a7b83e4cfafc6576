import { z } from 'zod';
import { errorShape } from './messages/schema.ts';
import type { Storage } from './storage/storage.ts';
import { BUCKETS } from './topics.ts';

export const STATES = ['WAITING', 'RUNNING', 'SUCCESS', 'FAILED', 'SKIPPED'] as const;

/** Of a Stage that reports (functions/stages.ts). */
export const stageName = z.string().regex(/^[a-z][a-z-]*$/u);

/** processed-data/<identifier>/status/<claim_id>/<stage>[-<MODEL_TYPE>].json */
export const stageStatus = z.object({
  identifier: z.string(),
  claim_id: z.string(),
  claimed_at: z.string(),
  config_hash: z.string().nullable(),
  stage: stageName,
  model_type: z.string().optional(),
  state: z.enum(STATES),
  updated_at: z.string(),
  /** One sentence where the state needs it, e.g. what a WAITING stage waits for. */
  message: z.string().optional(),
  epoch: z.number().optional(),
  epochs: z.number().optional(),
  /** Batches of the epoch that are done, and that it has. */
  batch: z.number().optional(),
  batches: z.number().optional(),
  loss: z.number().nullable().optional(),
  val_loss: z.number().nullable().optional(),
  /** Training windows a second. */
  rows_per_second: z.number().nullable().optional(),
  eta_s: z.number().optional(),
  run_id: z.string().optional(),
  /** Nothing was computed: an equal result was there already. */
  reused: z.boolean().optional(),
  /** preprocess: how much of the work is done, from 0 to 1. */
  share: z.number().optional(),
  /** preprocess: rows of train and test part. */
  rows: z.object({ train: z.number(), test: z.number() }).optional(),
  /** preprocess: what was repaired or inferred that whoever uploaded the file should look at. */
  warnings: z.array(z.string()).optional(),
  expected_model_types: z.array(z.string()).optional(),
  /** preprocess of a file with GROUP_COLUMN: the identifiers that it was split into, each with a claim and a status of its own. */
  groups: z
    .array(
      z.object({
        value: z.string(),
        identifier: z.string(),
        claim_id: z.string(),
        state: z.enum(STATES),
        /** Why it was given up. */
        reason: z.string().optional(),
      }),
    )
    .optional(),
  /** evaluate: what was promoted, and the scoreboard behind it. */
  promoted: z
    .object({
      promotion_id: z.string(),
      run_id: z.string(),
      model_type: z.string(),
      score: z.number(),
      reason: z.string(),
      /** Whether the identifier's pointer names it since; false: a newer claim's promotion stays in force. */
      pointer_moved: z.boolean().optional(),
    })
    .optional(),
  scoreboard: z.array(z.record(z.string(), z.unknown())).optional(),
  error: errorShape.optional(),
  /** Where the given-up record lies. */
  dlq: z
    .object({ topic: z.string(), partition: z.number().optional(), offset: z.string().optional() })
    .optional(),
});
export type StageStatus = z.infer<typeof stageStatus>;

/** processed-data/<identifier>/status/current.json: the newest claim, so that /status need not list them all. */
export const newestClaim = z.object({ claim_id: z.string(), claimed_at: z.string() });

export const statusPrefix = (identifier: string, claimId: string): string =>
  `${identifier}/status/${claimId}/`;
export const newestClaimKey = (identifier: string): string => `${identifier}/status/current.json`;

function statusKey({ identifier, claim_id, stage, model_type }: StageStatus): string {
  const name = model_type === undefined ? stage : `${stage}-${model_type}`;
  return `${statusPrefix(identifier, claim_id)}${name}.json`;
}

/** Writes a stage's status. It is a report, not the truth: the last writer wins. */
export async function writeStatus(storage: Storage, status: StageStatus): Promise<void> {
  await storage.putJson(BUCKETS.processed, statusKey(status), status);
}

/** Makes `claim` the one that /status shows, unless a newer one is there. */
export async function announceClaim(
  storage: Storage,
  claim: { identifier: string; claim_id: string; claimed_at: string },
): Promise<void> {
  const key = newestClaimKey(claim.identifier);
  const body = { claim_id: claim.claim_id, claimed_at: claim.claimed_at };
  for (;;) {
    const current = await storage.getJson(BUCKETS.processed, key, newestClaim.optional().catch(undefined));
    if (current?.value !== undefined && current.value.claimed_at >= claim.claimed_at) return;
    const condition = current === undefined ? { ifNoneMatch: true as const } : { ifMatch: current.etag };
    const { written } = await storage.putJson(BUCKETS.processed, key, body, condition);
    if (written) return;
  }
}

/** Writes at most one status a second; the newest one within that second is written by `flush`. */
export function throttledStatus(
  storage: Storage,
  now: () => number,
): { write: (status: StageStatus) => void; flush: () => Promise<void> } {
  let last = Number.NEGATIVE_INFINITY;
  let waiting: StageStatus | undefined;
  let writing: Promise<void> = Promise.resolve();
  const write = (status: StageStatus): void => {
    last = now();
    waiting = undefined;
    // A progress report that S3 did not take is not worth failing the stage for.
    writing = writing.then(() => writeStatus(storage, status)).catch(() => {});
  };
  return {
    write: (status) => {
      if (now() - last >= 1000) write(status);
      else waiting = status;
    },
    flush: async () => {
      if (waiting !== undefined) write(waiting);
      await writing;
    },
  };
}
