import { gunzipSync } from 'node:zlib';
import { unlz4 } from './lz4.ts';
import { unsnappy } from './snappy.ts';
import { unzstd } from './zstd.ts';

/** The lowest bits of a batch's attributes. */
export const CODECS = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

/** @throws Error where the bytes are no such stream, or would grow beyond `maxBytes` */
export function decompress(codec: number, bytes: Buffer, maxBytes: number): Buffer {
  switch (codec) {
    case CODECS.none:
      return bytes;
    case CODECS.gzip:
      return gunzipSync(bytes, { maxOutputLength: maxBytes });
    case CODECS.snappy:
      return unsnappy(bytes, maxBytes);
    case CODECS.lz4:
      return unlz4(bytes, maxBytes);
    case CODECS.zstd:
      return unzstd(bytes, maxBytes);
    default:
      throw new RangeError(`expected a codec from 0 to 4, got ${codec}`);
  }
}
