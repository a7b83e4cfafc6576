import type { z } from 'zod';
import { RuntimeError } from '../errors.ts';
import type {
  Checkpoints,
  ModelFile,
  ModelInfo,
  ModelType,
  TfjsBackend,
  TrainedModel,
  TrainProgress,
  TrainSettings,
  TrainTask,
} from '../types.ts';
import type { Forecaster } from './forecaster.ts';
import type { SharedPart } from './shared-parts.ts';

export interface TrainHooks {
  readonly onProgress?: (progress: TrainProgress) => void;
  readonly signal?: AbortSignal;
  readonly checkpoints?: Checkpoints;
}

export interface LoadOptions {
  /** Of TF.js, for a network that the kernels do not run; default wasm. */
  readonly backend?: TfjsBackend;
}

/**
 * A kind of model, all of it: what it is, how it is fitted, how a stored one is read. `fit` and `load` import what they need
 * when they are called, so that whoever only asks what there is loads no library for it.
 */
export interface Family {
  readonly type: ModelType;
  /** A sentence for the docs: the method, and its source. */
  readonly summary: string;
  /** Rises where the same data and settings come to another model; in every training_key. */
  readonly version: number;
  /** What else of this package shapes its models: its training_key changes with their code. */
  readonly shares: readonly SharedPart[];
  /** What it reads of the settings; others have no say in its training_key. */
  readonly settings: readonly (keyof TrainSettings)[];
  /** One model for all targets, or each target by itself. */
  readonly fits: 'all targets at once' | 'each target by itself';
  /** Rows of `fit` that it needs at least. */
  readonly leastRows: (settings: TrainSettings, targets: number) => number;
  /**
   * Seconds that a training takes on one core, roughly, where EXPECTED_MODEL_TYPES=auto may choose it; undefined: it may not, of
   * these rows. Left out: it is trained only where it is named.
   */
  readonly seconds?: (facts: TrainingFacts) => number | undefined;
  /** The function that trains it where a claim asks for it; null: a baseline, which evaluate fits for every claim. */
  readonly trainer: string | null;
  /** Of a family that is made of others' models, by evaluate where they are trained: which they are. */
  readonly combines?: readonly ModelType[];
  /** The `format` of its model.json, which several families may share. */
  readonly format: string;
  /** What a model.json says of itself. @throws RuntimeError model_corrupt */
  readonly readInfo: (json: Readonly<Record<string, unknown>>) => ModelInfo;
  /** @throws RuntimeError with the numbers in its message */
  readonly fit: (task: TrainTask, hooks: TrainHooks) => Promise<TrainedModel>;
  /** Nothing in a model folder is executed. @throws RuntimeError model_corrupt, shape_mismatch, feature_count_mismatch */
  readonly load: (
    json: Readonly<Record<string, unknown>>,
    files: readonly ModelFile[],
    options: LoadOptions,
  ) => Promise<Forecaster>;
}

/** What a choice of families goes by. */
export interface TrainingFacts {
  /** Of `fit`. */
  readonly rows: number;
  readonly validateRows: number;
  readonly targets: number;
  readonly settings: TrainSettings;
}

/** A model.json by its schema. @throws RuntimeError model_corrupt */
export function checked<Schema extends z.ZodType>(schema: Schema, json: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new RuntimeError('model_corrupt', `expected a model of ours, got ${problems.join('; ')}`);
}

/** The model folder of a family whose models are numbers in JSON. */
export function jsonFiles(model: Readonly<Record<string, unknown>>): ModelFile[] {
  return [{ path: 'model.json', bytes: Buffer.from(JSON.stringify(model)) }];
}

/** What a model says of itself: of `task`, with a horizon of any length. */
export function infoOf(task: TrainTask, contextRows: number): ModelInfo {
  const { modelType, roles, calendar, history, frequency } = task;
  return { modelType, contextRows, horizon: null, roles, calendar, ...(history && { history }), frequency };
}

/** Lets the thread's messages through (a cancellation is one). @throws RuntimeError task_cancelled */
export async function letMessagesThrough(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (signal?.aborted)
    throw new RuntimeError('task_cancelled', 'expected to train to the end, got cancelled');
}
