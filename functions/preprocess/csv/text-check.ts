import { isUtf8 } from 'node:buffer';
import { DataError } from '../../shared/errors.ts';

const LINE_FEED = 10;
/** Bytes; no row of numbers is as long. */
const MAX_LINE_BYTES = 1 << 20;

/** Bytes that may be text of another encoding. */
export class NoUtf8Error extends DataError {
  constructor(place: string, at: number) {
    const expected = `UTF-8 text in ${place} (or another encoding that ENCODING names)`;
    super('file_not_text', `expected ${expected}, got an invalid sequence at byte ${at}`);
  }
}

export interface TextCheck {
  /** @throws DataError file_not_text with the offset of the first byte that no text has */
  push(chunk: Uint8Array): void;
  end(): void;
}

/** Checks that chunks of bytes are UTF-8 text without NUL, in lines of at most 1 MiB. */
export function createTextCheck(place: string): TextCheck {
  let rest: Uint8Array = new Uint8Array();
  let offset = 0;
  const refuse = (at: number, got: string): never => {
    throw new DataError('file_not_text', `expected UTF-8 text in ${place}, got ${got} at byte ${at}`);
  };
  const refuseLongLine = (piece: Uint8Array): void => {
    let start = 0;
    while (start + MAX_LINE_BYTES < piece.length) {
      const end = piece.lastIndexOf(LINE_FEED, start + MAX_LINE_BYTES);
      if (end < start) refuse(offset + start, `a line of more than ${MAX_LINE_BYTES} bytes`);
      start = end + 1;
    }
  };
  const checkPiece = (piece: Uint8Array): void => {
    refuseLongLine(piece);
    const nul = piece.indexOf(0);
    if (nul >= 0) refuse(offset + nul, 'a NUL');
    if (!isUtf8(piece)) throw new NoUtf8Error(place, offset + firstInvalid(piece));
    offset += piece.length;
  };
  return {
    push: (chunk) => {
      // No other character has the byte of a line feed: a cut after it splits none.
      const first = chunk.indexOf(LINE_FEED) + 1;
      const end = chunk.lastIndexOf(LINE_FEED) + 1;
      if (first > 0) {
        checkPiece(Buffer.concat([rest, chunk.subarray(0, first)]));
        checkPiece(chunk.subarray(first, end));
        rest = Uint8Array.from(chunk.subarray(end));
      } else rest = Buffer.concat([rest, chunk]);
      const nul = rest.indexOf(0);
      if (nul >= 0) refuse(offset + nul, 'a NUL');
      if (rest.length > MAX_LINE_BYTES) refuse(offset, `a line of more than ${MAX_LINE_BYTES} bytes`);
    },
    end: () => checkPiece(rest),
  };
}

/** Offset of the first byte of `piece` that cannot be decoded. */
function firstInvalid(piece: Uint8Array): number {
  let valid = 0;
  let invalid = piece.length;
  // A prefix is decodable, but for a character that it cuts, exactly up to the first invalid sequence.
  while (valid < invalid) {
    const middle = (valid + invalid + 1) >> 1;
    if (decodable(piece.subarray(0, middle))) valid = middle;
    else invalid = middle - 1;
  }
  return valid;
}

/** Whether `prefix` is UTF-8 but for a character that may go on after it. */
function decodable(prefix: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(prefix, { stream: true });
    return true;
  } catch {
    return false;
  }
}
