export type ApiErrorCode =
  'INVALID_PARAMETER_VALUE' | 'RESOURCE_DOES_NOT_EXIST' | 'RESOURCE_ALREADY_EXISTS' | 'INTERNAL_ERROR';

interface Kind {
  readonly status: number;
  readonly sqlState: string;
  /** What MLflow calls the code in its newer field. */
  readonly errorClass: string;
}

const KINDS: Readonly<Record<ApiErrorCode, Kind>> = {
  INVALID_PARAMETER_VALUE: { status: 400, sqlState: 'KAM00', errorClass: 'INVALID_PARAMETER_VALUE' },
  RESOURCE_ALREADY_EXISTS: { status: 400, sqlState: 'KAM00', errorClass: 'RESOURCE_ALREADY_EXISTS' },
  RESOURCE_DOES_NOT_EXIST: { status: 404, sqlState: 'KAM00', errorClass: 'RESOURCE_NOT_FOUND' },
  INTERNAL_ERROR: { status: 500, sqlState: 'XXM00', errorClass: 'CLIENT_INTERNAL_ERROR' },
};

/** What a client is told: MLflow's error codes, which clients branch on, with MLflow's statuses. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly status: number;
  readonly retryable: boolean;

  constructor(code: ApiErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'ApiError';
    this.code = code;
    this.status = KINDS[code].status;
    this.retryable = code === 'INTERNAL_ERROR';
  }

  toJSON(): Record<string, string> {
    const { sqlState, errorClass } = KINDS[this.code];
    return { error_code: this.code, message: this.message, sqlstate: sqlState, error_class: errorClass };
  }
}

export function invalid(message: string): ApiError {
  return new ApiError('INVALID_PARAMETER_VALUE', message);
}

export function missing(message: string): ApiError {
  return new ApiError('RESOURCE_DOES_NOT_EXIST', message);
}

/** No such path, or not with this method: MLflow answers these with a page, not with JSON. */
export class RouteError extends Error {
  readonly code = 'NO_ROUTE';
  readonly status: 404 | 405;
  readonly retryable = false;

  constructor(status: 404 | 405, message: string) {
    super(message);
    this.name = 'RouteError';
    this.status = status;
  }
}

/** From a page or under a name that has no business here; answered in words, as MLflow's own middleware does. */
export class ForeignError extends Error {
  readonly code: 'HOST_FOREIGN' | 'ORIGIN_FOREIGN';
  readonly status = 403;
  readonly retryable = false;

  constructor(code: ForeignError['code'], message: string) {
    super(message);
    this.name = 'ForeignError';
    this.code = code;
  }
}

export type ServerErrorCode = 'PORT_TAKEN' | 'DIRECTORY_LOCKED' | 'LISTEN_FAILED' | 'BAD_OPTION';

/** Why the server did not start. */
export class MlflowServerError extends Error {
  readonly code: ServerErrorCode;
  readonly retryable = false;

  constructor(code: ServerErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'MlflowServerError';
    this.code = code;
  }
}
