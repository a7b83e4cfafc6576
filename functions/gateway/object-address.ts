import { FltsError } from '../shared/errors.ts';
import type { HttpRequest } from '../shared/handlers/http-handler.ts';
import { KEY_LIMIT } from '../shared/storage/storage.ts';
import { BUCKETS } from '../shared/topics.ts';

export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}

const NAMES: readonly string[] = Object.values(BUCKETS);

/**
 * The object that a path `/…/{bucket}/{key+}` names.
 * @throws FltsError bucket_unknown (404), naming the buckets; request_invalid (400) for a key with `..` or none
 */
export function objectAddress({ pathParameters, path }: HttpRequest): ObjectAddress {
  const { bucket = '', key = '' } = pathParameters;
  if (!NAMES.includes(bucket)) {
    throw new FltsError(
      'bucket_unknown',
      `expected a bucket among ${NAMES.join(', ')}, got ${JSON.stringify(bucket)}`,
      { status: 404 },
    );
  }
  // The pattern {key+} loses a trailing slash; the path still has it.
  const problem = path.endsWith('/') ? 'nothing after its last slash' : problemOf(key);
  if (problem === undefined) return { bucket, key };
  throw new FltsError(
    'request_invalid',
    `expected an object's key of 1 to ${KEY_LIMIT} bytes without "..", got ${problem} in ${bucket}/${key.slice(0, 200)}`,
    { status: 400 },
  );
}

function problemOf(key: string): string | undefined {
  if (key === '') return 'no key';
  if (key.includes('..')) return '".."';
  const bytes = Buffer.byteLength(key);
  return bytes > KEY_LIMIT ? `${bytes} bytes` : undefined;
}

/** The address as a path of this API names it, e.g. in a hint at another route. */
export function addressPath({ bucket, key }: ObjectAddress): string {
  return [bucket, ...key.split('/')].map(encodeURIComponent).join('/');
}
