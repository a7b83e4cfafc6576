import type { ModelType, TrainSettings } from '@flts/model-runtime';
import { familyIdentity } from '@flts/model-runtime/families';
import { contentHash } from '../hash.ts';
import type { ClaimSettings } from '../settings/settings.ts';

export interface TrainingIdentity {
  readonly identifier: string;
  readonly configHash: string;
  readonly modelType: ModelType;
  readonly settings: ClaimSettings;
  /** Set where FORCE_RETRAIN asks for a run of the claim's own. */
  readonly claimId?: string;
}

/** The tag under which a run's training_key is found again. */
export const TRAINING_KEY_TAG = 'flts.training_key';
/** The tag that says which origins a run was scored on. */
export const EVALUATION_HASH_TAG = 'flts.evaluation_hash';

/**
 * Equal keys give equal models: a finished run of the key is reused. It holds of the settings what the family reads.
 * @throws RuntimeError unknown_model_type
 */
export function trainingKey({
  identifier,
  configHash,
  modelType,
  settings,
  claimId,
}: TrainingIdentity): string {
  return contentHash({
    identifier,
    config_hash: configHash,
    ...familyIdentity(modelType, trainSettings(settings)),
    // A run holds the intervals of its levels.
    interval_levels: settings.INTERVAL_LEVELS,
    ...(claimId === undefined ? {} : { claim_id: claimId }),
  });
}

export function trainSettings(settings: ClaimSettings): TrainSettings {
  return {
    inputSeqLen: settings.INPUT_SEQ_LEN,
    outputSeqLen: settings.OUTPUT_SEQ_LEN,
    epochs: settings.EPOCHS,
    batchSize: settings.BATCH_SIZE,
    learningRate: settings.LEARNING_RATE,
    hiddenSize: settings.HIDDEN_SIZE,
    numLayers: settings.NUM_LAYERS,
    loss: settings.LOSS,
    dropout: settings.DROPOUT,
    weightDecay: settings.WEIGHT_DECAY,
    clipNorm: settings.CLIP_NORM,
    earlyStopping: settings.EARLY_STOPPING,
    earlyStoppingPatience: settings.EARLY_STOPPING_PATIENCE,
    seed: settings.SEED,
    fastMath: settings.FAST_MATH,
    backend: settings.TFJS_BACKEND,
  };
}
