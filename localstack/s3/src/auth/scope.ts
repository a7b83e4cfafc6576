import { S3Error, type S3ErrorCode } from '../errors.ts';
import type { SigningScope } from './canonical.ts';

/**
 * Splits `<access key id>/<day>/<region>/s3/aws4_request`. Any region is taken: a laptop has but one.
 * @param code - the error for a text of another shape
 */
export function parseCredential(
  text: string,
  code: S3ErrorCode,
): { accessKeyId: string; scope: SigningScope } {
  const parts = text.split('/');
  const [day, region, service, terminator] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join('/');
  const wellFormed = accessKeyId !== '' && day !== undefined && region !== undefined;
  if (!wellFormed || !/^\d{8}$/.test(day) || service !== 's3' || terminator !== 'aws4_request') {
    throw new S3Error(
      code,
      `expected a credential <key id>/<yyyymmdd>/<region>/s3/aws4_request, got ${JSON.stringify(text)}`,
    );
  }
  return { accessKeyId, scope: { day, region } };
}
