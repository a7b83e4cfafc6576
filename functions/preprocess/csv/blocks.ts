import { open } from 'node:fs/promises';
import { DataError } from '../../shared/errors.ts';
import { lastRecordEnd } from './records.ts';
import type { OpenCsv } from './source.ts';

const BLOCK_BYTES = 1 << 20;
/** Bytes. A record of numbers is shorter by far; a quote that nothing closes makes one of the rest of the file. */
const MOST_RECORD_BYTES = 2_000_000;
const LINE_FEED = 10;

/** Whole records of a file, whose bytes the next ones take the place of. */
export interface CsvBlock {
  readonly bytes: Buffer;
  /** Line of the first byte, from 1. */
  readonly line: number;
  /** Of the file's bytes, those up to the end of this block. */
  readonly share: number;
}

/**
 * The records after the header, about a megabyte at a time. Only the last one may end without a line feed.
 * @throws DataError file_unreadable where a record is longer than two megabytes, with its line
 */
export async function* recordBlocks({ file, place, header }: OpenCsv): AsyncGenerator<CsvBlock> {
  const delimiter = header.delimiter.charCodeAt(0);
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    let buffer = Buffer.allocUnsafe(2 * BLOCK_BYTES);
    let rest: Buffer = Buffer.alloc(0);
    let [line, position] = [1, 0];
    for (;;) {
      const needed = rest.length + BLOCK_BYTES;
      const room = buffer.length < needed ? Buffer.allocUnsafe(2 * needed) : buffer;
      rest.copy(room);
      buffer = room;
      const { bytesRead } = await handle.read(buffer, rest.length, BLOCK_BYTES, position);
      position += bytesRead;
      const read = buffer.subarray(0, rest.length + bytesRead);
      const start = line <= header.line ? skipLines(read, header.line - line + 1) : 0;
      const end = bytesRead === 0 ? read.length : start + lastRecordEnd(read.subarray(start), delimiter);
      line += start > 0 ? header.line - line + 1 : 0;
      const bytes = read.subarray(start, end);
      if (bytes.length > 0) yield { bytes, line, share: position / size };
      if (bytesRead === 0) return;
      line += countLines(bytes);
      rest = read.subarray(end);
      if (rest.length > MOST_RECORD_BYTES) throw tooLong(place, line);
    }
  } finally {
    await handle.close();
  }
}

/** Offset of the line after the first `lines`: the header is read from the first megabyte, so they end in the first block. */
function skipLines(bytes: Buffer, lines: number): number {
  let at = 0;
  for (let line = 0; line < lines; line += 1) {
    const end = bytes.indexOf(LINE_FEED, at);
    if (end < 0) return bytes.length;
    at = end + 1;
  }
  return at;
}

export function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) lines += 1;
  return lines;
}

function tooLong(place: string, line: number): DataError {
  return new DataError(
    'file_unreadable',
    `expected records of at most ${MOST_RECORD_BYTES} bytes in ${place}, line ${line}, got a longer one; a quote may not be closed`,
  );
}
