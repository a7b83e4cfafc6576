import { createHash, timingSafeEqual } from 'node:crypto';
import { FltsError } from '../errors.ts';
import type { AccessSettings } from '../settings/settings.ts';

/**
 * What a request needs. `anyone`: nothing. `read`, `upload`: PUBLIC_READS, PUBLIC_UPLOADS, else the token. `admin`: the
 * token. `nobody`: what the stages alone may write.
 */
export type Access = 'anyone' | 'read' | 'upload' | 'admin' | 'nobody';

/**
 * The one check of who may do what over HTTP. It trusts the Authorization header alone: what an authoriser put into the
 * request's context can be made up by whoever sends a header to serverless-offline.
 * @throws FltsError forbidden (403) where nobody may, or where no ADMIN_TOKEN is set; unauthorized (401) without the right one
 */
export function authorize(
  access: Access,
  headers: Readonly<Record<string, string>>,
  { ADMIN_TOKEN, PUBLIC_READS, PUBLIC_UPLOADS }: AccessSettings,
): void {
  if (access === 'anyone') return;
  if ((access === 'read' && PUBLIC_READS) || (access === 'upload' && PUBLIC_UPLOADS)) return;
  if (access === 'nobody')
    throw forbidden('expected an object that clients may write, got one of the stages');
  if (ADMIN_TOKEN === '') throw forbidden('expected ADMIN_TOKEN to be set for this request, got none');
  const token = /^Bearer +(\S+) *$/iu.exec(headers['authorization'] ?? '')?.[1];
  if (token !== undefined && isEqual(token, ADMIN_TOKEN)) return;
  throw new FltsError(
    'unauthorized',
    `expected Authorization: Bearer with the ADMIN_TOKEN, got ${token === undefined ? 'none' : 'another'}`,
    { status: 401 },
  );
}

function forbidden(message: string): FltsError {
  return new FltsError('forbidden', message, { status: 403 });
}

/** In a time that tells neither where two texts differ nor how long they are. */
function isEqual(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
