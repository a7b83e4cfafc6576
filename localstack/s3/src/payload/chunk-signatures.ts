// Signatures of a body sent in signed chunks: each covers its chunk and the signature before it.
import { createHash } from 'node:crypto';
import { EMPTY_SHA256, sameSignature, scopeText, sign } from '../auth/canonical.ts';
import type { Authorization } from '../auth/authorize.ts';
import { S3Error } from '../errors.ts';

export class ChunkSignatures {
  readonly #authorization: Authorization;
  #previous: string;

  constructor(authorization: Authorization) {
    this.#authorization = authorization;
    this.#previous = authorization.signature;
  }

  /** @param sha256 - hex digest of the chunk's bytes */
  checkChunk(sha256: string, got: string | undefined): void {
    this.#check('AWS4-HMAC-SHA256-PAYLOAD', `${EMPTY_SHA256}\n${sha256}`, got);
  }

  /** @param lines - the trailing headers as sent, in order, without the signature */
  checkTrailer(lines: readonly string[], got: string | undefined): void {
    const canonical = lines.map((line) => `${line}\n`).join('');
    this.#check('AWS4-HMAC-SHA256-TRAILER', createHash('sha256').update(canonical).digest('hex'), got);
  }

  #check(kind: string, covered: string, got: string | undefined): void {
    const { longDate, scope, key } = this.#authorization;
    const expected = sign(key, [kind, longDate, scopeText(scope), this.#previous, covered].join('\n'));
    if (got === undefined || !sameSignature(expected, got)) {
      throw new S3Error('SignatureDoesNotMatch', 'the signature of a chunk or trailer does not match');
    }
    this.#previous = expected;
  }
}
