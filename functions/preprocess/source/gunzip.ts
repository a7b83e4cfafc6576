import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { DataError } from '../../shared/errors.ts';

const MAGIC = [0x1f, 0x8b];

/**
 * The bytes as they come, or, where they are gzip's, what is packed in them; of that at most `most` bytes.
 * @throws DataError object_too_large; file_unreadable where the packed bytes are cut or broken
 */
export async function* gunzipped(
  chunks: AsyncIterable<Uint8Array>,
  { place, most }: { readonly place: string; readonly most: number },
): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < MAGIC.length) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const whole = startingWith(head, iterator);
  if (MAGIC.every((byte, index) => head[index] === byte)) yield* unpack(whole, { place, most });
  else yield* whole;
}

async function* startingWith(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

async function* unpack(
  packed: AsyncIterable<Uint8Array>,
  { place, most }: { readonly place: string; readonly most: number },
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const fed = pipeline(packed, gunzip);
  // Its failure comes out of the loop as well; what is thrown there is what counts.
  fed.catch(() => {});
  let size = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > most)
        throw new DataError(
          'object_too_large',
          `expected at most ${most} bytes once unpacked at ${place}, got more`,
        );
      yield chunk;
    }
  } catch (thrown) {
    if (!isZlibError(thrown)) throw thrown;
    throw new DataError('file_unreadable', `expected whole gzip data at ${place}, got ${thrown.message}`, {
      cause: thrown,
    });
  }
}

function isZlibError(thrown: unknown): thrown is Error {
  return thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('Z_');
}
