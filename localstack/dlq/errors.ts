// What can go wrong in the dead-letter tool.

export type DlqErrorCode =
  'USAGE' | 'TOPIC_NOT_FOUND' | 'REDRIVE_RUNNING' | 'REDRIVE_TOO_SCATTERED' | 'KAFKA_FAILED';

export class DlqError extends Error {
  override readonly name = 'DlqError';
  readonly code: DlqErrorCode;
  readonly retryable: boolean;

  constructor(code: DlqErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
    this.retryable = code === 'REDRIVE_RUNNING' || code === 'KAFKA_FAILED';
  }
}
