import { countLines, recordBlocks } from './blocks.ts';
import { recordEnd, splitRecord } from './records.ts';
import type { OpenCsv } from './source.ts';

/** The record of a row (from 0, blank lines and the header not counted), and its line. Reads the file up to there. */
export async function recordOfRow(csv: OpenCsv, row: number): Promise<{ line: number; fields: string[] }> {
  const { delimiter } = csv.header;
  let seen = 0;
  for await (const { bytes, line: first } of recordBlocks(csv)) {
    for (let [at, line] = [0, first]; at < bytes.length;) {
      const end = recordEnd(bytes, at, delimiter.charCodeAt(0));
      const text = bytes.toString('utf8', at, end).replace(/\n$/u, '');
      if (text !== '' && seen === row) return { line, fields: splitRecord(text, delimiter).fields };
      if (text !== '') seen += 1;
      line += countLines(bytes.subarray(at, end));
      at = end;
    }
  }
  throw new RangeError(`expected row ${row} in ${csv.place}, got ${seen} rows`);
}
