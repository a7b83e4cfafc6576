// What becomes of a request that S3 did not grant: by the error's code, since one status stands for many of them.
import { FltsError, isPassing, retryableOf, ServiceError } from '../errors.ts';
import { BUCKETS } from '../topics.ts';

/** What the operator mends, or what passes, among the answers that blame the request. */
const CREDENTIALS =
  'CredentialsProviderError AccessDenied AllAccessDisabled InvalidAccessKeyId InvalidToken ExpiredToken ExpiredTokenException ' +
  'TokenRefreshRequired SignatureDoesNotMatch';
const PLACES =
  'NoSuchBucket InvalidBucketState AuthorizationHeaderMalformed PermanentRedirect TemporaryRedirect RequestTimeTooSkewed';
const NETWORK_AND_RIVALS =
  'RequestTimeout IncompleteBody BadDigest XAmzContentSHA256Mismatch OperationAborted ConditionalRequestConflict NoSuchUpload ' +
  'SlowDown ThrottlingException';
const PASSING_NAMES: ReadonlySet<string> = new Set(
  [CREDENTIALS, PLACES, NETWORK_AND_RIVALS].flatMap((names) => names.split(' ')),
);
/** A missing bucket is the operator's to make; any other was named by a message. */
const OURS: readonly string[] = Object.values(BUCKETS);
/** Of an answer without a body, as to HEAD, the SDK knows no name. */
const NAMELESS: ReadonlySet<string> = new Set(['', 'Error', 'BadRequest', 'Unknown', 'UnknownError', '400']);
const PASSING_STATUS: ReadonlySet<number> = new Set([301, 307, 401, 403, 408, 409, 429]);

/** The error that a failed call for `bucket`/`key` is told as; one of the application stays as it is. */
export function storageError(bucket: string, key: string, cause: unknown): FltsError {
  if (cause instanceof FltsError) return cause;
  const reason = cause instanceof Error ? `${cause.name} ${cause.message}` : String(cause);
  const message = `expected S3 to answer for ${bucket}/${key}, got ${reason}`;
  const isAsked = isBucketMissing(cause) && !OURS.includes(bucket);
  const retryable = isAsked ? false : isRetryable(cause);
  if (retryable === false) return new FltsError('storage_refused', message, { cause });
  return new ServiceError('storage_unavailable', message, { cause, retryable });
}

function isRetryable(cause: unknown): boolean | null {
  const [status, name] = [statusOf(cause), cause instanceof Error ? cause.name : ''];
  const isByTrait = isRecord(cause) && cause['$retryable'] !== undefined;
  if (isByTrait || isPassing(cause) || PASSING_NAMES.has(name)) return true;
  if (status >= 500 || PASSING_STATUS.has(status)) return true;
  if (status < 400) return retryableOf(cause);
  return NAMELESS.has(name) ? null : false;
}

/** Of the answer; 0 where there was none. */
export function statusOf(cause: unknown): number {
  if (!isRecord(cause) || !isRecord(cause['$metadata'])) return 0;
  const status = cause['$metadata']['httpStatusCode'];
  return typeof status === 'number' ? status : 0;
}

export function isBucketMissing(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'NoSuchBucket';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
