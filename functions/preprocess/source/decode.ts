import { DataError } from '../../shared/errors.ts';
import { createByteReader } from './byte-reader.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** Bytes that are looked at to tell UTF-16 from text of single bytes. */
const HEAD_BYTES = 64;
/** What windows-1252 has at 80 to 9f (WHATWG's index); 0 where it has nothing. */
const HIGH =
  '\u20ac\0\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\0\u017d\0\0\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\0\u017e\u0178';

export interface Decoded {
  readonly encoding: Encoding;
  /** UTF-8, as far as the bytes are text of the encoding. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Text of another encoding as UTF-8. `given`: the encoding; empty: UTF-16 where a mark or a NUL beside each of the first letters says
 * so, else UTF-8, whose bytes come as they are. @throws DataError file_not_text where bytes are no text of the encoding
 */
export async function decoded(
  chunks: AsyncIterable<Uint8Array>,
  { place, given }: { readonly place: string; readonly given: Encoding | '' },
): Promise<Decoded> {
  const reader = createByteReader(chunks);
  const head = await reader.take(HEAD_BYTES);
  const encoding = given === '' ? encodingOf(head) : given;
  const whole = (async function* () {
    if (head.length > 0) yield head;
    yield* reader.rest();
  })();
  if (encoding === 'utf-8') return { encoding, chunks: whole };
  const text =
    encoding === 'windows-1252' ? decodeWestern(whole, place) : decodeWide(whole, { place, encoding });
  return { encoding, chunks: text };
}

function encodingOf(head: Uint8Array): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const even = head.length - (head.length % 2);
  const nul = (rest: number): boolean =>
    head.subarray(0, even).every((byte, index) => (byte === 0) === (index % 2 === rest));
  if (even < 4) return 'utf-8';
  if (nul(1)) return 'utf-16le';
  return nul(0) ? 'utf-16be' : 'utf-8';
}

async function* decodeWide(
  chunks: AsyncIterable<Uint8Array>,
  { place, encoding }: { readonly place: string; readonly encoding: Encoding },
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decode = (chunk?: Uint8Array): Buffer => {
    try {
      return Buffer.from(decoder.decode(chunk, { stream: chunk !== undefined }));
    } catch (cause) {
      throw new DataError('file_not_text', `expected ${encoding} text in ${place}, got half a character`, {
        cause,
      });
    }
  };
  for await (const chunk of chunks) yield decode(chunk);
  yield decode();
}

async function* decodeWestern(chunks: AsyncIterable<Uint8Array>, place: string): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for await (const chunk of chunks) {
    let text = '';
    for (const [index, byte] of chunk.entries()) {
      const letter = byte >= 0x80 && byte < 0xa0 ? (HIGH[byte - 0x80] ?? '\0') : String.fromCodePoint(byte);
      if (letter === '\0')
        throw new DataError(
          'file_not_text',
          `expected windows-1252 text in ${place}, got the byte ${byte.toString(16)} at byte ${offset + index}`,
        );
      text += letter;
    }
    offset += chunk.length;
    yield Buffer.from(text);
  }
}

/**
 * Watches bytes that are no UTF-8 for what windows-1252 does not have: a letter with a sign after it as broken UTF-8 has, three letters
 * beyond ASCII in a row as other alphabets have, and bytes that mean nothing.
 */
export function createWesternCheck(): { push(chunk: Uint8Array): void; isWestern(): boolean } {
  let [before, run, isWestern] = [0, 0, true];
  return {
    push: (chunk) => {
      for (const byte of chunk) {
        if (byte < 0x80) run = 0;
        else {
          run += 1;
          const isSign = byte < 0xc0;
          if (isSign && before >= 0xc0) isWestern = false;
          if (run > 2 || (byte < 0xa0 && HIGH[byte - 0x80] === '\0')) isWestern = false;
        }
        before = byte;
      }
    },
    isWestern: () => isWestern,
  };
}
