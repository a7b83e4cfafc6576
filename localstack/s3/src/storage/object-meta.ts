import type { Checksums } from '../payload/checksums.ts';

export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

/** As a client gave it; the key at most 128 characters, the value 256. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** MD5 in hex, checksums in base64, of an object's bytes as one piece. */
export interface BytesDigests {
  readonly md5: string;
  readonly checksums: Checksums;
}

/** All that is known of an object besides its bytes; stored in one file with them. */
export interface ObjectMeta {
  readonly key: string;
  /** Bytes */
  readonly size: number;
  /** Without quotes: the MD5 in hex, or md5-of-md5s-N of a multipart upload. */
  readonly etag: string;
  /** Milliseconds since 1970 */
  readonly lastModified: number;
  /** 16 hex digits, greater with each change of the key. */
  readonly sequencer: string;
  /** Content-Type and kin, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names without the x-amz-meta- prefix. */
  readonly userMetadata: Readonly<Record<string, string>>;
  /** Only those that the writer sent. A composite one ends in `-N`. */
  readonly checksums: Checksums;
  readonly checksumType: ChecksumType;
  /** The multipart upload it came from, so that a repeated completion is recognised. */
  readonly uploadId?: string;
  /** Where its parts came one by one, so that ETag and checksums may be of those: for copies, which have it as one piece. */
  readonly digests?: BytesDigests;
  /** In the order in which they were given; missing where there is none. */
  readonly tags?: readonly Tag[];
}
