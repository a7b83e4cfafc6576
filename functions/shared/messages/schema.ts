import { z } from 'zod';
import { isReserved } from '../claims.ts';
import { identifierProblem } from '../keys.ts';
import { claimSettings } from '../settings/settings.ts';
import { AUTO, AUTO_LENGTH } from '../settings/training.ts';

/** What every message carries. A claim is made once, from the S3 event, and handed on unchanged. */
export const envelope = z.object({
  v: z.literal(1),
  identifier: z
    .string()
    .min(1)
    .superRefine((identifier, context) => {
      const message = identifierProblem(identifier);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    }),
  config_hash: z.string().min(1),
  claim_id: z.string().min(1),
  /** When the object was created, ISO 8601 UTC; orders claims. */
  claimed_at: z.iso.datetime(),
  produced_at: z.iso.datetime(),
});
export type Envelope = z.infer<typeof envelope>;

/** What a trainer publishes of a claim that it has not finished in time: the claim as it was, and which one goes on. */
export const continuation = z.object({
  model_type: z.string(),
  /** 1 for the first one of the claim. */
  count: z.number().int().min(1),
});

export const trainingClaim = envelope.extend({
  identifier: envelope.shape.identifier.refine(
    (identifier) => !isReserved(identifier),
    'expected another identifier than one that is reserved',
  ),
  bucket: z.string(),
  object: z.string(),
  /** Bytes. */
  size: z.number().int().min(0),
  test_object: z.string(),
  meta_object: z.string(),
  settings: claimSettings.refine(
    ({ EXPECTED_MODEL_TYPES: types, INPUT_SEQ_LEN: input, OUTPUT_SEQ_LEN: output }) =>
      !types.includes(AUTO) && input !== AUTO_LENGTH && output !== AUTO_LENGTH,
    'EXPECTED_MODEL_TYPES, INPUT_SEQ_LEN, OUTPUT_SEQ_LEN: expected what auto was decided to be, got auto',
  ),
  continuation: continuation.optional(),
});
export type TrainingClaim = z.infer<typeof trainingClaim>;

export const inferenceClaim = envelope.extend({
  bucket: z.string(),
  object: z.string(),
  object_key: z.string(),
  size: z.number().int().min(0),
  operation: z.string(),
});
export type InferenceClaim = z.infer<typeof inferenceClaim>;

export const errorShape = z.object({ name: z.string(), code: z.string(), message: z.string() });

export const modelTraining = envelope.extend({
  operation: z.string(),
  status: z.enum(['RUNNING', 'SUCCESS', 'FAILED']),
  experiment: z.string(),
  run_name: z.string(),
  run_id: z.string().optional(),
  model_type: z.string(),
  training_key: z.string().optional(),
  evaluation_hash: z.string().optional(),
  settings: claimSettings,
  error: errorShape.optional(),
});
export type ModelTraining = z.infer<typeof modelTraining>;

export const scoreWeights = z.object({ rmse: z.number(), mae: z.number(), mse: z.number() });

export const modelSelected = envelope.extend({
  promotion_id: z.string(),
  run_id: z.string(),
  model_type: z.string(),
  experiment: z.string(),
  model_uri: z.string(),
  rmse: z.number(),
  mae: z.number(),
  mse: z.number(),
  score: z.number(),
  timestamp: z.string(),
  weights: scoreWeights,
  previous_run_id: z.string().nullable(),
  reason: z.string(),
});
export type ModelSelected = z.infer<typeof modelSelected>;

const figure = z.number().nullable();
const byTarget = z.record(z.string(), figure);

/** A line of results.jsonl. */
export const resultLine = z.object({
  timestamp: z.iso.datetime(),
  identifier: z.string(),
  run_id: z.string(),
  model_type: z.string(),
  config_hash: z.string(),
  promoted: z.boolean(),
  status: z.string(),
  req_id: z.string().optional(),
  metrics: z.object({
    overlap_rows: z.number().int(),
    mae_mean: figure,
    mse_mean: figure,
    rmse: figure,
    mae: byTarget,
    mse: byTarget,
    step_mae: z.array(figure),
    prediction_hash: z.string(),
    rows_predicted: z.number().int(),
  }),
  samples: z.array(
    z.object({ step: z.number().int(), ts: z.string(), pred: byTarget, actual: byTarget, abs_err: byTarget }),
  ),
});
export type ResultLine = z.infer<typeof resultLine>;

export const inferenceResult = envelope.extend({ line: resultLine });
export type InferenceResult = z.infer<typeof inferenceResult>;
