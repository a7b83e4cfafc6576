// Settings of models and of how the best is chosen: a claim carries them from preprocess to the stages after it.
import { TRAINED_TYPES } from '@flts/model-runtime/families';
import { z } from 'zod';
import { ascending, flag, integer, listOf, positive, setting, where } from './setting.ts';

/** Of EXPECTED_MODEL_TYPES: preprocess chooses, once for a claim. */
export const AUTO = 'auto';

/** Of INPUT_SEQ_LEN and OUTPUT_SEQ_LEN, likewise. */
export const AUTO_LENGTH = 0;

/** Of every function that loads a model too. */
export const BACKEND_SETTINGS = {
  TFJS_BACKEND: setting({
    schema: z.enum(['wasm', 'node']).default('wasm'),
    says: 'What TF.js runs on, for models from elsewhere that the kernels do not run; node: where `@tensorflow/tfjs-node` is installed and loads.',
  }),
};

/** A number of rows, or auto, which is AUTO_LENGTH until preprocess knows the rows. */
const orAuto = (most: number) =>
  z
    .preprocess((value) => (value === AUTO ? AUTO_LENGTH : value), integer(AUTO_LENGTH, most))
    .default(AUTO_LENGTH);

export const TRAIN_SETTINGS = {
  INPUT_SEQ_LEN: setting({
    schema: orAuto(100_000),
    says: 'Window: rows of context that a network sees, and that MEAN_WINDOW takes the mean of; auto: what covers the longest season, at least the horizon.',
    standard: AUTO,
  }),
  OUTPUT_SEQ_LEN: setting({
    schema: orAuto(10_000),
    says: 'Horizon: steps that models are trained and scored on; auto: 12 months, 8 quarters, 6 years, 13 weeks, 14 days, 24 hours, else the shortest season, as far as the rows suffice.',
    standard: AUTO,
  }),
  EPOCHS: setting({
    schema: integer(1).default(20),
    says: 'Passes over the training windows, at most.',
    unit: 'epochs',
  }),
  BATCH_SIZE: setting({
    schema: integer(1).default(64),
    says: 'Windows a step of the optimiser.',
    unit: 'windows',
  }),
  LEARNING_RATE: setting({
    schema: positive.default(0.001),
    says: 'Of AdamW; falls by half a cosine over `EPOCHS`.',
  }),
  HIDDEN_SIZE: setting({ schema: integer(1, 4096).default(64), says: 'Units of each layer.', unit: 'units' }),
  NUM_LAYERS: setting({
    schema: integer(1, 16).default(1),
    says: 'Layers one above the other.',
    unit: 'layers',
  }),
  LOSS: setting({
    schema: z.enum(['mse', 'mae', 'huber']).default('mse'),
    says: 'What networks minimise, in scaled units.',
  }),
  DROPOUT: setting({
    schema: z.coerce.number().min(0).lt(1).default(0),
    says: "Share of a layer's units that a window does without while training.",
  }),
  WEIGHT_DECAY: setting({
    schema: z.coerce.number().min(0).max(1).default(0.1),
    says: 'What weights lose a step, as a share of them and of the learning rate.',
  }),
  CLIP_NORM: setting({
    schema: z.coerce.number().min(0).default(1),
    says: 'Longer gradients are cut to this; 0 lets them be.',
  }),
  EARLY_STOPPING: setting({
    schema: flag.default(true),
    says: 'Ends training where `validate` has not become better for a while.',
  }),
  EARLY_STOPPING_PATIENCE: setting({
    schema: integer(1).default(5),
    says: 'How long that while is.',
    unit: 'epochs',
    when: where('EARLY_STOPPING', true),
  }),
  SEED: setting({
    schema: integer(0, 2 ** 31 - 1).default(42),
    says: 'All that is drawn at random follows from it.',
  }),
  FORCE_RETRAIN: setting({
    schema: flag.default(false),
    says: 'Trains anew, also where a finished run of the same training_key could be reused.',
  }),
  FAST_MATH: setting({
    schema: flag.default(false),
    says: 'Multiplies and adds in one rounding: faster, but weights may differ between machines.',
  }),
  ...BACKEND_SETTINGS,
};

export const EVALUATE_SETTINGS = {
  EXPECTED_MODEL_TYPES: setting({
    schema: listOf(z.enum([AUTO, ...TRAINED_TYPES]), 1)
      .refine(
        (types) => types.length === 1 || !types.includes(AUTO),
        'expected auto alone, or types without it',
      )
      .default([AUTO]),
    says: `What a claim trains and compares, of ${TRAINED_TYPES.join(', ')} (docs/families.md); auto: what the rows suffice for, within \`TRAIN_BUDGET\`.`,
  }),
  TRAIN_BUDGET: setting({
    schema: positive.default(600),
    says: 'What the models that auto chooses may take on one core together, as the families estimate it.',
    unit: 'seconds',
    when: where('EXPECTED_MODEL_TYPES', AUTO),
  }),
  INTERVAL_LEVELS: setting({
    schema: listOf(z.coerce.number().gt(0).lt(100), 1).default([80, 95]),
    says: 'Levels of the intervals that forecasts carry.',
    unit: 'percent',
    canonical: ascending,
  }),
  PROMOTION_GATE: setting({
    schema: z.enum(['none', 'baseline', 'incumbent']).default('baseline'),
    says: 'What a model has to beat: nothing, the best baseline (which serves otherwise), or also the model that serves.',
  }),
  EVALUATION_ALLOW_FAILED: setting({
    schema: flag.default(false),
    says: 'Decides among the rest where a training was given up; always so where `EXPECTED_MODEL_TYPES` is auto.',
  }),
};
