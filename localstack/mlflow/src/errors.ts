export type ApiErrorCode =
  | 'INVALID_PARAMETER_VALUE'
  | 'RESOURCE_DOES_NOT_EXIST'
  | 'RESOURCE_ALREADY_EXISTS'
  | 'INTERNAL_ERROR'
  | 'ENDPOINT_NOT_FOUND'
  | 'METHOD_NOT_ALLOWED';

const STATUS: Readonly<Record<ApiErrorCode, number>> = {
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  INTERNAL_ERROR: 500,
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
    this.status = STATUS[code];
    this.retryable = code === 'INTERNAL_ERROR';
  }
}

export function invalid(message: string): ApiError {
  return new ApiError('INVALID_PARAMETER_VALUE', message);
}

export function missing(message: string): ApiError {
  return new ApiError('RESOURCE_DOES_NOT_EXIST', message);
}

export type ServerErrorCode = 'PORT_TAKEN' | 'DIRECTORY_LOCKED' | 'LISTEN_FAILED';

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
