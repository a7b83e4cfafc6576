import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { DataError } from '../../shared/errors.ts';
import { createByteReader, type ByteReader } from './byte-reader.ts';
import { unzstd, ZstdError } from './unzstd.ts';

interface Packing {
  readonly name: string;
  /** How its data begins; the second kind of zstd data is what pzstd writes before its frames. */
  readonly magic: RegExp;
  readonly unpack: (packed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  /** Whether an error is about the packed bytes. */
  readonly isBroken: (thrown: unknown) => thrown is Error;
}

const PACKINGS: readonly Packing[] = [
  { name: 'gzip', magic: /^1f8b/u, unpack: gunzip, isBroken: isZlibError },
  {
    name: 'zstd',
    magic: /^(?:28b52ffd|5.2a4d18)/u,
    unpack: unzstd,
    isBroken: (thrown) => thrown instanceof ZstdError,
  },
];
const MAGIC_BYTES = 4;

/**
 * The bytes as they come, or, where they are gzip's or zstd's, what is packed in them; of that at most `most` bytes.
 * @throws DataError object_too_large; file_unreadable where the packed bytes are cut or broken
 */
export async function* unpacked(
  chunks: AsyncIterable<Uint8Array>,
  { place, most }: { readonly place: string; readonly most: number },
): AsyncGenerator<Uint8Array> {
  const reader = createByteReader(chunks);
  const head = await reader.take(MAGIC_BYTES);
  const packing = PACKINGS.find(({ magic }) => magic.test(head.toString('hex')));
  const whole = startingWith(head, reader);
  if (packing === undefined) return yield* whole;
  let size = 0;
  try {
    for await (const chunk of packing.unpack(whole)) {
      size += chunk.length;
      if (size > most)
        throw new DataError(
          'object_too_large',
          `expected at most ${most} bytes once unpacked at ${place}, got more`,
        );
      yield chunk;
    }
  } catch (thrown) {
    if (!packing.isBroken(thrown)) throw thrown;
    throw new DataError(
      'file_unreadable',
      `expected whole ${packing.name} data at ${place}, got ${thrown.message}`,
      { cause: thrown },
    );
  }
}

async function* startingWith(head: Buffer, rest: ByteReader): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  yield* rest.rest();
}

async function* gunzip(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = createGunzip();
  const fed = pipeline(packed, stream);
  // Its failure comes out of the loop as well; what is thrown there is what counts.
  fed.catch(() => {});
  yield* stream as AsyncIterable<Uint8Array>;
}

function isZlibError(thrown: unknown): thrown is Error {
  return thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('Z_');
}
