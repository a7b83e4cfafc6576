import { S3Error } from '../errors.ts';
import type { S3Request } from '../http/request.ts';
import type { SignatureClaim } from './authorize.ts';
import { ALGORITHM } from './canonical.ts';
import { parseCredential } from './scope.ts';
import { MAX_SKEW_MS, parseLongDate } from './times.ts';

const MAX_EXPIRES_S = 7 * 24 * 3600;

/** Reads the X-Amz-* parameters of a presigned URL and checks that it is valid now. */
export function presignedSignature(request: S3Request, now: Date): SignatureClaim {
  const algorithm = parameter(request, 'X-Amz-Algorithm');
  if (algorithm !== ALGORITHM)
    malformed(`expected X-Amz-Algorithm ${ALGORITHM}, got ${JSON.stringify(algorithm)}`);
  const { accessKeyId, scope } = parseCredential(
    parameter(request, 'X-Amz-Credential'),
    'AuthorizationQueryParametersError',
  );
  const longDate = parameter(request, 'X-Amz-Date');
  checkValidity(longDate, parameter(request, 'X-Amz-Expires'), now);
  if (!longDate.startsWith(scope.day))
    malformed(`expected X-Amz-Date on the credential's day ${scope.day}, got ${longDate}`);
  return {
    accessKeyId,
    scope,
    longDate,
    signedHeaders: parameter(request, 'X-Amz-SignedHeaders').split(';'),
    signature: parameter(request, 'X-Amz-Signature'),
    payloadHash: request.headers.get('x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD',
  };
}

function checkValidity(longDate: string, expiresText: string, now: Date): void {
  const time = parseLongDate(longDate);
  if (time === undefined)
    return malformed(`expected X-Amz-Date YYYYMMDDTHHMMSSZ, got ${JSON.stringify(longDate)}`);
  const expires = Number(expiresText);
  if (!/^\d+$/.test(expiresText) || expires < 1 || expires > MAX_EXPIRES_S) {
    return malformed(
      `expected X-Amz-Expires from 1 to ${MAX_EXPIRES_S} s, got ${JSON.stringify(expiresText)}`,
    );
  }
  const age = now.getTime() - time;
  if (age < -MAX_SKEW_MS) throw new S3Error('AccessDenied', 'Request is not valid yet');
  if (age > expires * 1000) throw new S3Error('AccessDenied', 'Request has expired');
}

function parameter(request: S3Request, name: string): string {
  return request.query.get(name) ?? malformed(`expected the query parameter ${name}`);
}

function malformed(message: string): never {
  throw new S3Error('AuthorizationQueryParametersError', message);
}
