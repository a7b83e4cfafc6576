/** Types that cross the package's boundary. All of them survive structuredClone, so that they can cross a thread. */

/** The `type` of a family of families/index.ts, which says what there are; any other is refused where it is looked up. */
export type ModelType = string;

export type Columns = Readonly<Record<string, Float64Array>>;

/** A regular or nearly regular multivariate series in original units; every array has one entry a row. */
export interface Series {
  /** Epoch milliseconds, UTC, strictly increasing. */
  readonly ts: Float64Array;
  /** Rows of one block follow each other without a gap; a window never spans two blocks. */
  readonly block: Int32Array;
  /** Model inputs by name (targets, past and known-future covariates), cleaned: finite everywhere. */
  readonly columns: Columns;
  /** The truth of each target by name, as it came; NaN where it was missing or the row was inserted (unscored). */
  readonly actual: Columns;
}

/** Rows [start, end). */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/** Consecutive in time; row numbers of one Series. */
export interface Segments {
  readonly fit: RowRange;
  readonly validate: RowRange;
  readonly select: RowRange;
  readonly test: RowRange;
}

/** Which column plays which role, each list in the order of the source. Inputs are targets, past, future, in that order. */
export interface Roles {
  readonly targets: readonly string[];
  readonly past: readonly string[];
  readonly future: readonly string[];
}

export const SCALER_KINDS = [
  'MinMaxScaler',
  'StandardScaler',
  'RobustScaler',
  'MaxAbsScaler',
  'none',
] as const;
export type ScalerKind = (typeof SCALER_KINDS)[number];

/**
 * scaled = (x - offset) / scale, per column. `scale` is never 0: a constant column has 1, as in scikit-learn.
 * Known-future covariates that are bounded by construction (sines and cosines) have offset 0 and scale 1.
 */
export interface Scaler {
  readonly format: 'flts-scaler/1';
  readonly kind: ScalerKind;
  readonly columns: Readonly<Record<string, { readonly offset: number; readonly scale: number }>>;
}

/** How the known-future covariates derived from the calendar are made, so that a forecaster can go on past the data. */
export interface Calendar {
  /** IANA name. */
  readonly timeZone: string;
  /** Names among CALENDAR_FEATURES and HOLIDAY_FEATURE that the series carries. */
  readonly features: readonly string[];
  /** Of rows in steps of months: features are those of the first day of each row's period. */
  readonly months?: Months | undefined;
  /** The days (YYYY-MM-DD) of HOLIDAY_FEATURE, past and to come. */
  readonly holidays?: readonly string[] | undefined;
}

/** How the past covariates derived from the targets are made, so that a forecaster can go on past the data. */
export interface History {
  /** `<target>_lag_<k>`: the value k rows before; at least 1, ascending. */
  readonly lags: readonly number[];
  /** `<target>_mean_<w>`: the mean of the w rows up to and including the row; at least 2, ascending. */
  readonly means: readonly number[];
}

/** Steps of calendar months (UTC): 3 are a quarter, 12 a year. */
export interface Months {
  readonly count: number;
  /** Of the month that rows lie on, 1 to 31; the last one where a month is shorter, so that 31 is a month's end. */
  readonly day: number;
}

/** Spacing of the series. `businessDays` steps from Friday to Monday. */
export interface Frequency {
  /** Milliseconds between rows: of one day where businessDays, about, where months. */
  readonly stepMs: number;
  readonly businessDays: boolean;
  /** Steps of months; absent: of `stepMs`. */
  readonly months?: Months | undefined;
}

/** What training needs beside the series. */
/** WASM, or the native library of @tensorflow/tfjs-node where that is installed and loads. */
export type TfjsBackend = 'wasm' | 'node';

export interface TrainSettings {
  /** Window: rows of context a network sees. At least 1. */
  readonly inputSeqLen: number;
  /** Horizon H: steps a model is trained and scored on. At least 1. */
  readonly outputSeqLen: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly earlyStopping: boolean;
  readonly earlyStoppingPatience: number;
  readonly seed: number;
  /** TF.js backend for what the kernels do not run. They train every family, so it has a say on loaded models alone. */
  readonly backend: TfjsBackend;
  /** What is minimised over targets and steps, in scaled units: squared errors (default), absolute ones, or Huber's with delta 1. */
  readonly loss?: 'mse' | 'mae' | 'huber';
  /** Share of each layer's units that a window does without while training, in [0, 1). Default 0. */
  readonly dropout?: number;
  /** What weights lose a step, as a share of them and of the learning rate; biases do not. Default 0.1. */
  readonly weightDecay?: number;
  /** Gradients longer than this are cut to it; 0 lets them be. Default 1. */
  readonly clipNorm?: number;
  /** Lets kernels multiply and add in one rounding: faster, but weights and forecasts may differ between machines. Default: not. */
  readonly fastMath?: boolean;
}

export interface TrainTask {
  readonly modelType: ModelType;
  readonly series: Series;
  readonly segments: Segments;
  readonly roles: Roles;
  readonly scaler: Scaler;
  readonly calendar: Calendar;
  /** Of columns among roles.past; windows keep clear of rows that have too few before them. Default: none. */
  readonly history?: History | undefined;
  readonly frequency: Frequency;
  /** Candidate seasons in rows, e.g. [24, 168]; may be empty. */
  readonly seasonalPeriods: readonly number[];
  readonly settings: TrainSettings;
  /**
   * Threads that a network is trained on, whatever their number to the same bytes; at most one a row of a batch. Default: a
   * third of the cores, one to four.
   */
  readonly threads?: number;
  /**
   * A model folder whose weights a network's training begins with, in place of random ones: a TF.js LayersModel (saved by
   * TF.js, or by Keras for it) of the same kind, units, layers, features and answers.
   */
  readonly initial?: readonly ModelFile[];
  /** Bytes that a network's training may take; one that would need more is refused before it begins. Default: 4 GiB, 2 GiB of them the kernels’. */
  readonly memoryBytes?: number;
}

/**
 * Told after every epoch of a network (epoch counts from 1) and after every fitted target of PROPHET (one "epoch" a
 * target); within an epoch of a network about once a second, with `batch` below `batches`.
 */
export interface TrainProgress {
  readonly epoch: number;
  readonly epochs: number;
  /** Batches of the epoch that are done, and that it has; 1 of 1 where the family has none. */
  readonly batch: number;
  readonly batches: number;
  /** Mean loss over the training windows so far in the epoch, scaled units; null where the family has none. */
  readonly loss: number | null;
  /** Mean loss over the validation windows; null within an epoch, and where the family has none. */
  readonly valLoss: number | null;
  /** Training windows a second, validation and checkpoints included; null where the family has none. */
  readonly rowsPerSecond: number | null;
  /** Seconds until the last epoch at the present speed. */
  readonly etaS: number;
}

/**
 * How a training outlives its process: what it is stored with, and taken up from. The networks' alone; the other families
 * are fitted in seconds, and begin anew.
 */
export interface Checkpoints {
  /** What `save` was given by an earlier training of the same task. @throws RuntimeError checkpoint_invalid where it is not */
  readonly resume?: Uint8Array;
  /** Whatever its owner wants to read again with readCheckpoint. Default: ''. */
  readonly label?: string;
  /** Called after every epoch and before a pause; training waits until it is stored, and ends where that fails. */
  readonly save: (checkpoint: Uint8Array) => Promise<void>;
  /**
   * Milliseconds from the call on: after them, and after a batch or a validation at least, training saves a checkpoint and
   * throws RuntimeError training_paused. Default: never.
   */
  readonly pauseAfterMs?: number;
}

/** One file of a model folder, path relative to the folder, forward slashes. */
export interface ModelFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface TrainedModel {
  readonly modelType: ModelType;
  /** The model folder: model.json and, for networks, weights.bin (a standard TF.js LayersModel). */
  readonly files: readonly ModelFile[];
  /** What the run logs as parameters beside the settings (e.g. best_epoch, season). */
  readonly params: Readonly<Record<string, string | number>>;
  readonly history: readonly TrainProgress[];
}

/** What a forecaster needs to know of itself; stored in model.json (`userDefinedMetadata.flts` for networks). */
export interface ModelInfo {
  readonly modelType: ModelType;
  /** Rows of context that a forecast needs at least, those that derived columns look back on included; 0 for PROPHET. */
  readonly contextRows: number;
  /** Steps answered at once; beyond it predictions are fed back. Infinity is stored as null (PROPHET and the baselines). */
  readonly horizon: number | null;
  readonly roles: Roles;
  readonly calendar: Calendar;
  readonly history?: History | undefined;
  readonly frequency: Frequency;
  /** Of a network: whether it was trained with fastMath, and so answers with it. Default: not. */
  readonly fastMath?: boolean | undefined;
}

export interface ForecastTask {
  readonly files: readonly ModelFile[];
  /** Caches the loaded model in the worker; use the immutable run_id. */
  readonly modelKey: string;
  readonly scaler: Scaler;
  /** Rows up to and including the origin, newest last; at least contextRows of one block. */
  readonly context: Pick<Series, 'ts' | 'columns'>;
  /** Known-future columns that are not calendar features (FUTURE_COLUMNS), for the steps asked; missing ones hold their last value. */
  readonly future?: Columns;
  readonly steps: number;
}

export interface Forecast {
  /** Epoch ms of each step, after the last context row. */
  readonly ts: Float64Array;
  /** Original units, by target. */
  readonly values: Columns;
  /** Standard deviation of each step by target, original units, where the family knows its own; left out elsewhere. */
  readonly deviations?: Columns;
  /** First step (1-based) that fed on predictions; null where none did. */
  readonly recursiveFromStep: number | null;
}

export interface BacktestTask {
  readonly files: readonly ModelFile[];
  readonly modelKey: string;
  readonly scaler: Scaler;
  readonly series: Series;
  /** Row numbers: the forecast from origin o uses rows before o (0 .. o-1) and predicts rows o .. o + horizon - 1. */
  readonly origins: Int32Array;
  readonly horizon: number;
}

/** Predictions by target, each of length origins.length * horizon, row-major [origin][step], original units. */
export interface Backtest {
  readonly values: Columns;
}
