import { S3Error } from '../errors.ts';
import type { S3Request } from '../http/request.ts';
import type { SignatureClaim } from './authorize.ts';
import { ALGORITHM } from './canonical.ts';
import { parseCredential } from './scope.ts';
import { MAX_SKEW_MS, parseLongDate } from './times.ts';

/** Reads `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…` and checks the request's time. */
export function headerSignature(request: S3Request, header: string, now: Date): SignatureClaim {
  const fields = parseFields(header);
  const { accessKeyId, scope } = parseCredential(fields.credential, 'AuthorizationHeaderMalformed');
  const longDate = requestDate(request);
  checkTime(longDate, scope.day, now);
  const payloadHash = request.sentHeaders.get('x-amz-content-sha256');
  if (payloadHash === undefined) {
    throw new S3Error(
      'InvalidRequest',
      'expected an x-amz-content-sha256 header beside the Authorization header',
    );
  }
  return {
    accessKeyId,
    scope,
    longDate,
    signedHeaders: fields.signedHeaders,
    signature: fields.signature,
    payloadHash,
  };
}

function parseFields(header: string): { credential: string; signedHeaders: string[]; signature: string } {
  const [algorithm, ...rest] = header.split(/[ ]+/);
  if (algorithm !== ALGORITHM) {
    throw new S3Error(
      'InvalidRequest',
      `expected the algorithm ${ALGORITHM}, got ${JSON.stringify(algorithm)}`,
    );
  }
  const fields = new Map<string, string>();
  for (const field of rest.join(' ').split(',')) {
    const equals = field.indexOf('=');
    if (equals > 0) fields.set(field.slice(0, equals).trim(), field.slice(equals + 1).trim());
  }
  const [credential, signedHeaders, signature] = ['Credential', 'SignedHeaders', 'Signature'].map((name) =>
    fields.get(name),
  );
  if (credential === undefined || signedHeaders === undefined || signature === undefined) {
    throw new S3Error('AuthorizationHeaderMalformed', 'expected Credential, SignedHeaders and Signature');
  }
  return { credential, signedHeaders: signedHeaders.split(';'), signature };
}

function requestDate(request: S3Request): string {
  const amzDate = request.sentHeaders.get('x-amz-date');
  if (amzDate !== undefined) return amzDate;
  const time = Date.parse(request.sentHeaders.get('date') ?? '');
  if (Number.isNaN(time)) throw new S3Error('AccessDenied', 'expected an x-amz-date or Date header');
  return new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function checkTime(longDate: string, day: string, now: Date): void {
  const time = parseLongDate(longDate);
  if (time === undefined)
    throw new S3Error('AccessDenied', `expected a date YYYYMMDDTHHMMSSZ, got ${JSON.stringify(longDate)}`);
  if (Math.abs(now.getTime() - time) > MAX_SKEW_MS) throw new S3Error('RequestTimeTooSkewed');
  if (!longDate.startsWith(day)) {
    throw new S3Error(
      'AuthorizationHeaderMalformed',
      `expected the credential's day ${day} to be that of ${longDate}`,
    );
  }
}
