// What can go wrong in an event source, and how an error of whatever origin is told to logs and headers.

export type EventSourceErrorCode =
  | 'EVENT_SOURCE_SETTING_INVALID'
  | 'FUNCTION_FAILED'
  | 'FUNCTION_TIMED_OUT'
  | 'FUNCTION_EXITED'
  | 'FUNCTION_RESPONSE_INVALID'
  | 'BATCH_ITEM_FAILURE'
  | 'RECORD_AGE_EXCEEDED'
  | 'BATCH_UNREADABLE'
  | 'PAYLOAD_TOO_LARGE'
  | 'HANDLER_NOT_FOUND'
  | 'TOPIC_NOT_FOUND'
  | 'HTTP_GUARD_FAILED'
  | 'STOPPED';

export interface EventSourceErrorOptions {
  /** Defaults to `EventSourceError`; a function's own error keeps its own name. */
  readonly name?: string;
  readonly code: EventSourceErrorCode;
  readonly retryable: boolean;
  readonly cause?: unknown;
}

export class EventSourceError extends Error {
  override readonly name: string;
  readonly code: EventSourceErrorCode;
  readonly retryable: boolean;

  constructor(message: string, options: EventSourceErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = options.name ?? 'EventSourceError';
    this.code = options.code;
    this.retryable = options.retryable;
  }
}

/** An error as log lines, dlq_* headers and the shim's answers carry it. */
export interface ErrorDescription {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean | null;
  readonly stack?: string;
}

/** Describes anything that can be thrown; a value without a code gets `UNKNOWN`. */
export function describeError(cause: unknown): ErrorDescription {
  if (!(cause instanceof Error)) {
    return { name: typeof cause, code: 'UNKNOWN', message: String(cause), retryable: null };
  }
  const { code, retryable } = readFields(cause);
  return {
    name: cause.name,
    code: code ?? 'UNKNOWN',
    message: cause.message,
    retryable: retryable ?? null,
    ...(cause.stack === undefined ? {} : { stack: cause.stack }),
  };
}

function readFields(error: Error): { code: string | undefined; retryable: boolean | undefined } {
  const code: unknown = Reflect.get(error, 'code');
  const retryable: unknown = Reflect.get(error, 'retryable');
  return {
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : undefined,
    retryable: typeof retryable === 'boolean' ? retryable : undefined,
  };
}

/** A function's failure on this side of the worker thread: carries the description that came through. */
export class FunctionError extends Error {
  override readonly name: string;
  readonly code: string;
  readonly retryable: boolean | null;

  constructor(description: ErrorDescription) {
    super(description.message);
    this.name = description.name;
    this.code = description.code;
    this.retryable = description.retryable;
    if (description.stack !== undefined) this.stack = description.stack;
  }
}
