import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

const LINE_FEED = 10;

/** Lines of a file that are not blank, without spaces (and a byte order mark) around them. */
export interface LineBlock {
  readonly lines: readonly { readonly number: number; readonly text: string }[];
  /** Of the file's bytes, those up to the end of this block. */
  readonly share: number;
}

/** The lines of a text file (line ends `\n`, each of at most a megabyte), those of some ten thousand bytes at a time. */
export async function* lineBlocks(file: string): AsyncGenerator<LineBlock> {
  const { size } = await stat(file);
  let rest: Buffer = Buffer.alloc(0);
  let [number, position] = [1, 0];
  const linesOf = (text: string): LineBlock => {
    const lines = text.split('\n').map((line, index) => ({ number: number + index, text: line.trim() }));
    number += lines.length;
    return { lines: lines.filter((line) => line.text !== ''), share: Math.min(1, position / size) };
  };
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    position += chunk.length;
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(LINE_FEED);
    rest = bytes.subarray(end + 1);
    if (end >= 0) yield linesOf(bytes.toString('utf8', 0, end));
  }
  if (rest.length > 0) yield linesOf(rest.toString('utf8'));
}
