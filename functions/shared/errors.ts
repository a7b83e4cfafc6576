/** Stable codes: they stand in logs, in DLQ headers, in /status and in HTTP answers. */
export type ErrorCode =
  // settings and messages
  | 'setting_invalid'
  | 'message_not_json'
  | 'message_invalid'
  // storage, broker, tracking
  | 'object_not_found'
  | 'object_changed'
  | 'object_too_large'
  | 'storage_unavailable'
  | 'broker_unavailable'
  | 'tracking_unavailable'
  | 'tracking_refused'
  // data
  | 'upload_unexpected'
  | 'file_empty'
  | 'file_header_only'
  | 'file_not_text'
  | 'file_unreadable'
  | 'row_ragged'
  | 'column_not_numeric'
  | 'column_missing'
  | 'column_reserved'
  | 'time_column_missing'
  | 'timestamp_invalid'
  | 'frequency_unknown'
  | 'rows_insufficient'
  | 'target_not_scorable'
  | 'test_overlaps_train'
  | 'columns_differ'
  | 'group_invalid'
  | 'groups_given_up'
  // training and promotion
  | 'lease_held'
  | 'lease_lost'
  | 'checkpoint_superseded'
  | 'training_failed'
  | 'model_load_failed'
  | 'scaler_not_found'
  | 'feature_count_mismatch'
  | 'run_incomplete'
  | 'runs_not_comparable'
  | 'pointer_contended'
  // HTTP
  | 'request_invalid'
  | 'identifier_unknown'
  | 'route_unknown'
  | 'bucket_unknown'
  | 'body_too_large'
  | 'queue_full'
  | 'inference_timeout'
  | 'model_not_ready'
  | 'unauthorized'
  | 'forbidden'
  | 'internal';

export interface ErrorOptions {
  cause?: unknown;
  /** Whether the same step may succeed later without anything being changed; default false. */
  retryable?: boolean;
  /** HTTP status where the error reaches a client; default 500, or 503 where retryable. */
  status?: number;
  /** Seconds, for the Retry-After header. */
  retryAfterS?: number;
}

/** Base of every error the application throws on purpose. The message says what was expected, what came, and where. */
export class FltsError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly status: number;
  readonly retryAfterS: number | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.status = options.status ?? (this.retryable ? 503 : 500);
    this.retryAfterS = options.retryAfterS;
  }
}

/** The data of a user is at fault; the same bytes can never succeed. */
export class DataError extends FltsError {
  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, { status: 400, ...options });
  }
}

/** A service (S3, Kafka, MLflow) did not answer or refused; usually worth another attempt. */
export class ServiceError extends FltsError {
  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, { retryable: true, ...options });
  }
}

export interface ErrorDescription {
  name: string;
  code: string;
  message: string;
  retryable: boolean;
}

/** What is told of any thrown value; errors of other packages keep their own code and retryable where they have them. Unknown ones are retryable: the attempts decide. */
export function describeError(thrown: unknown): ErrorDescription {
  if (!(thrown instanceof Error))
    return { name: 'Error', code: 'internal', message: String(thrown), retryable: true };
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'internal';
  const retryable = 'retryable' in thrown && typeof thrown.retryable === 'boolean' ? thrown.retryable : true;
  return { name: thrown.name, code, message: thrown.message, retryable };
}
