import canonicalize from 'canonicalize';
import { createHash } from 'node:crypto';

/** Lower-case hex SHA-256 of the RFC 8785 JSON of `value`. Every identity of the project is made by this function. */
export function contentHash(value: unknown): string {
  const json = canonicalize(value);
  if (json === undefined) throw new TypeError(`expected a JSON value, got ${typeof value}`);
  return sha256(json);
}

/** Lower-case hex SHA-256 of bytes or of a string's UTF-8. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
