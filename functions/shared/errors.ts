import { ZodError } from 'zod';

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
  | 'object_key_invalid'
  | 'storage_unavailable'
  | 'storage_refused'
  | 'broker_unavailable'
  | 'broker_refused'
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
  /** Whether the same step may succeed later without anything being changed; default false. Null: nobody can tell. */
  retryable?: boolean | null;
  /** HTTP status where the error reaches a client; default 500, or 503 where it may be retryable. */
  status?: number;
  /** Seconds, for the Retry-After header. */
  retryAfterS?: number;
}

/** Base of every error the application throws on purpose. The message says what was expected, what came, and where. */
export class FltsError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean | null;
  readonly status: number;
  readonly retryAfterS: number | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable === undefined ? false : options.retryable;
    this.status = options.status ?? (this.retryable === false ? 500 : 503);
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

/** What is told of any thrown value; errors of other packages keep their own code. Retryable is what is known to be: see tryTwice. */
export function describeError(thrown: unknown): ErrorDescription {
  const retryable = retryableOf(thrown) ?? false;
  if (!(thrown instanceof Error))
    return { name: 'Error', code: 'internal', message: String(thrown), retryable };
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'internal';
  return { name: thrown.name, code, message: thrown.message, retryable };
}

/** The network, and what a machine is short of for a while. */
const PASSING_CODES: ReadonlySet<unknown> = new Set(
  (
    'ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EAI_AGAIN ENOTFOUND EHOSTUNREACH ENETUNREACH ENETDOWN ' +
    'UND_ERR_SOCKET UND_ERR_CONNECT_TIMEOUT EMFILE ENFILE ENOSPC EDQUOT ENOMEM EAGAIN EBUSY'
  ).split(' '),
);

/** A program that is wrong stays so, and a message that does not fit its schema. */
const FINAL = [TypeError, RangeError, ReferenceError, URIError, WebAssembly.RuntimeError, ZodError];

/**
 * Whether the same step may succeed another time, by what the error is and not by where it came from: what it says of itself, a
 * service or a machine that is short of something, a program that is wrong. Null: nobody can tell.
 */
export function retryableOf(thrown: unknown): boolean | null {
  if (!(thrown instanceof Error)) return null;
  if ('retryable' in thrown && typeof thrown.retryable === 'boolean') return thrown.retryable;
  if (isPassing(thrown)) return true;
  return FINAL.some((kind) => thrown instanceof kind) ? false : null;
}

/** Looks at the causes as well: fetch says of any failure that it is a TypeError. */
export function isPassing(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  if (thrown.name === 'TimeoutError' || ('code' in thrown && PASSING_CODES.has(thrown.code))) return true;
  return isPassing(thrown.cause);
}

/** Does `work`, and once more after an error of which nobody can tell whether it passes; what it fails with then is final. */
export async function tryTwice<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (retryableOf(cause) !== null) throw cause;
    return work();
  }
}
