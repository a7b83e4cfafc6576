export type RuntimeErrorCode =
  | 'insufficient_rows'
  | 'shape_mismatch'
  | 'feature_count_mismatch'
  | 'non_finite_input'
  | 'non_finite_prediction'
  | 'loss_diverged'
  | 'unknown_model_type'
  | 'unknown_model_format'
  | 'model_corrupt'
  | 'setting_invalid'
  | 'fit_failed'
  | 'checkpoint_invalid'
  | 'training_paused'
  | 'task_cancelled'
  | 'task_timeout'
  | 'queue_full'
  | 'pool_closed';

/** Base of every error this package throws on purpose. `retryable` says whether the same call may succeed later. */
export class RuntimeError extends Error {
  readonly code: RuntimeErrorCode;
  readonly retryable: boolean;

  constructor(
    code: RuntimeErrorCode,
    message: string,
    options: { cause?: unknown; retryable?: boolean } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'RuntimeError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}
