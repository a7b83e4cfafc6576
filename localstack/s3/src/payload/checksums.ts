// The checksums that a client may send along, as S3 names them: base64 of the big-endian digest.
import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc32c } from '@aws-crypto/crc32c';
import { S3Error } from '../errors.ts';

export const CHECKSUM_NAMES = ['crc32', 'crc32c', 'sha1', 'sha256'] as const;
export type ChecksumName = (typeof CHECKSUM_NAMES)[number];
export type Checksums = Readonly<Partial<Record<ChecksumName, string>>>;

const DIGEST_BYTES: Readonly<Record<ChecksumName, number>> = { crc32: 4, crc32c: 4, sha1: 20, sha256: 32 };

export interface RunningDigest {
  update(bytes: Uint8Array): void;
  /** Once, at the end. */
  digest(): Buffer;
}

export function createDigest(name: ChecksumName | 'md5'): RunningDigest {
  if (name === 'crc32') return new Crc32Digest();
  if (name === 'crc32c') return new Crc32cDigest();
  return new HashDigest(createHash(name));
}

export function checksumHeader(name: ChecksumName): string {
  return `x-amz-checksum-${name}`;
}

/** `CRC32` or `crc32` to `crc32`; undefined for a name that this server does not compute. */
export function checksumName(text: string): ChecksumName | undefined {
  const lower = text.toLowerCase();
  return CHECKSUM_NAMES.find((name) => name === lower);
}

/** @throws S3Error NotImplemented for an algorithm that this server does not compute. */
export function requireChecksumName(text: string): ChecksumName {
  const name = checksumName(text);
  if (name === undefined) {
    throw new S3Error(
      'NotImplemented',
      `expected a checksum algorithm of ${CHECKSUM_NAMES.join(', ')}, got ${JSON.stringify(text)}`,
    );
  }
  return name;
}

/** Base64 of a digest of the algorithm's length. @throws S3Error InvalidRequest */
export function requireChecksumValue(name: ChecksumName, text: string): string {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== DIGEST_BYTES[name] || bytes.toString('base64') !== text) {
    throw new S3Error(
      'InvalidRequest',
      `expected ${checksumHeader(name)} in base64, got ${JSON.stringify(text)}`,
    );
  }
  return text;
}

class Crc32Digest implements RunningDigest {
  #value = 0;

  update(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value);
  }

  digest(): Buffer {
    return bigEndian(this.#value);
  }
}

class Crc32cDigest implements RunningDigest {
  readonly #crc = new Crc32c();

  update(bytes: Uint8Array): void {
    this.#crc.update(bytes);
  }

  digest(): Buffer {
    return bigEndian(this.#crc.digest());
  }
}

class HashDigest implements RunningDigest {
  readonly #hash: Hash;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digest(): Buffer {
    return this.#hash.digest();
  }
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
