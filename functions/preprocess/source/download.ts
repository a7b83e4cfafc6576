import { createHash } from 'node:crypto';
import { DataError, ServiceError } from '../../shared/errors.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { createTextCheck, NoUtf8Error } from '../csv/text-check.ts';
import { createWesternCheck, decoded, type Encoding } from './decode.ts';
import { formatOfKey } from './format.ts';
import { MAX_UPLOAD_BYTES, mostUnpacked } from './limits.ts';
import { unpacked } from './unpack.ts';
import { writeChunks } from './write-chunks.ts';

const CARRIAGE_RETURN = 13;

export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

export interface Download extends ObjectPlace {
  /** Local file: the same bytes or, of text, the same text, unpacked, line ends `\n`. */
  readonly file: string;
  readonly etag: string;
  readonly size: number;
  /** Of the bytes as they were read. */
  readonly sha256: string;
  /** Of the text as it came; Parquet has none. */
  readonly encoding?: Encoding | undefined;
}

/**
 * Streams an uploaded object, text packed by gzip or zstd or not, into `file` while hashing the bytes that are really read. Text that is
 * not UTF-8 is read once more as windows-1252 where nothing in it speaks against that. `encoding`: empty where it is to be found.
 * @throws DataError object_not_found, object_too_large, file_unreadable, file_not_text with the offset; ServiceError storage_unavailable
 */
export async function download(
  storage: Storage,
  place: ObjectPlace,
  file: string,
  encoding: Encoding | '' = '',
): Promise<Download> {
  const western = createWesternCheck();
  try {
    return await downloadAs(storage, place, { file, encoding });
  } catch (thrown) {
    // JSON is UTF-8 (RFC 8259).
    const mayBeWestern = encoding === '' && formatOfKey(place.key) === 'csv';
    if (!(thrown instanceof NoUtf8Error) || !mayBeWestern) throw thrown;
    const isText = await downloadAs(storage, place, {
      file,
      encoding: 'windows-1252',
      onText: (chunk) => western.push(chunk),
    }).catch((second: unknown) => {
      if (second instanceof DataError && second.code === 'file_not_text') throw thrown;
      throw second;
    });
    if (!western.isWestern()) throw thrown;
    return isText;
  }
}

interface DownloadAs {
  readonly file: string;
  readonly encoding: Encoding | '';
  /** Sees the text's bytes, unpacked, before they are decoded. */
  readonly onText?: (chunk: Uint8Array) => void;
}

async function downloadAs(
  storage: Storage,
  { bucket, key }: ObjectPlace,
  { file, encoding: given, onText = () => {} }: DownloadAs,
): Promise<Download> {
  const stored = await storage.getStream(bucket, key);
  if (stored === undefined)
    throw new DataError('object_not_found', `expected an object at ${bucket}/${key}, got none`);
  if (stored.size > MAX_UPLOAD_BYTES) {
    stored.stream.destroy();
    throw new DataError(
      'object_too_large',
      `expected at most ${MAX_UPLOAD_BYTES} bytes at ${bucket}/${key}, got ${stored.size}`,
    );
  }
  const hash = createHash('sha256');
  let size = 0;
  const count = (chunk: Uint8Array): void => {
    hash.update(chunk);
    size += chunk.length;
  };
  const bytes = counted(stored.stream, count);
  let encoding: Encoding | undefined;
  try {
    if (formatOfKey(key) === 'parquet') await writeChunks(file, bytes);
    else {
      const place = `${bucket}/${key}`;
      const text = counted(unpacked(bytes, { place, most: mostUnpacked(stored.size) }), onText);
      const { chunks, encoding: found } = await decoded(text, { place, given });
      encoding = found;
      await writeChunks(file, normalised(chunks, place));
    }
  } finally {
    stored.stream.destroy();
  }
  if (size !== stored.size)
    throw new ServiceError(
      'storage_unavailable',
      `expected ${stored.size} bytes from ${bucket}/${key}, got ${size}`,
    );
  return { bucket, key, file, etag: stored.etag, size, sha256: hash.digest('hex'), encoding };
}

/** The stream's bytes; `onBytes` sees each chunk as it came. */
async function* counted(
  stream: AsyncIterable<unknown>,
  onBytes: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('expected bytes from the storage, got text');
    onBytes(chunk);
    yield chunk;
  }
}

/** Text with `\r\n` and `\r` as `\n`. */
async function* normalised(chunks: AsyncIterable<Uint8Array>, place: string): AsyncGenerator<Uint8Array> {
  const check = createTextCheck(place);
  let heldBack = false;
  for await (const chunk of chunks) {
    check.push(chunk);
    if (!heldBack && !chunk.includes(CARRIAGE_RETURN)) {
      yield chunk;
      continue;
    }
    // A carriage return at a chunk's end may belong to a line feed at the next one's beginning.
    const text: string = (heldBack ? '\r' : '') + Buffer.from(chunk).toString('latin1');
    heldBack = text.endsWith('\r');
    const whole = heldBack ? text.slice(0, -1) : text;
    yield Buffer.from(whole.replaceAll(/\r\n?/gu, '\n'), 'latin1');
  }
  check.end();
  if (heldBack) yield Buffer.from('\n');
}
