// Who may speak: every request carries a Signature Version 4 of the one configured key pair, in the Authorization
// header or in the query of a presigned URL.
import type { Credentials } from '../credentials.ts';
import { S3Error } from '../errors.ts';
import type { S3Request } from '../http/request.ts';
import {
  canonicalRequest,
  sameSignature,
  sign,
  signingKey,
  stringToSign,
  type SigningScope,
} from './canonical.ts';
import { headerSignature } from './header-signature.ts';
import { presignedSignature } from './presigned-signature.ts';

/** What the request claims: by whom, when and over what it was signed. */
export interface SignatureClaim {
  readonly accessKeyId: string;
  readonly scope: SigningScope;
  /** YYYYMMDDTHHMMSSZ */
  readonly longDate: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** Hex SHA-256 of the body, or one of the words that say that the body is not covered or signed by chunks. */
  readonly payloadHash: string;
}

/** What the decoder of signed chunks needs to go on from the request's signature. */
export interface Authorization {
  readonly scope: SigningScope;
  readonly longDate: string;
  readonly signature: string;
  readonly payloadHash: string;
  readonly key: Uint8Array;
}

/** @throws S3Error AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch, RequestTimeTooSkewed and kin. */
export async function authorize(
  request: S3Request,
  credentials: Credentials,
  now: Date,
): Promise<Authorization> {
  const claim = findClaim(request, now);
  if (claim.accessKeyId !== credentials.accessKeyId) {
    throw new S3Error(
      'InvalidAccessKeyId',
      `the access key id ${JSON.stringify(claim.accessKeyId)} is not known here`,
    );
  }
  requireSigned(request, claim.signedHeaders);
  const key = await signingKey(credentials, claim.scope);
  const canonical = canonicalRequest(request, claim.signedHeaders, claim.payloadHash);
  const expected = sign(key, stringToSign(claim.longDate, claim.scope, canonical));
  if (!sameSignature(expected, claim.signature)) throw new S3Error('SignatureDoesNotMatch');
  return {
    scope: claim.scope,
    longDate: claim.longDate,
    signature: claim.signature,
    payloadHash: claim.payloadHash,
    key,
  };
}

function findClaim(request: S3Request, now: Date): SignatureClaim {
  const header = request.sentHeaders.get('authorization');
  if (header !== undefined) return headerSignature(request, header, now);
  if (request.query.has('X-Amz-Signature')) return presignedSignature(request, now);
  throw new S3Error(
    'AccessDenied',
    'expected a signed request, got neither an Authorization header nor X-Amz-Signature',
  );
}

/** An x-amz-* header outside the signature could have been added on the way. */
function requireSigned(request: S3Request, signedHeaders: readonly string[]): void {
  const signed = new Set(signedHeaders);
  if (!signed.has('host'))
    throw new S3Error('AccessDenied', 'expected the host header among the signed headers');
  for (const name of request.sentHeaders.keys()) {
    if (name.startsWith('x-amz-') && !signed.has(name)) {
      throw new S3Error(
        'AccessDenied',
        `expected every x-amz-* header to be signed, got an unsigned ${name}`,
      );
    }
  }
}
