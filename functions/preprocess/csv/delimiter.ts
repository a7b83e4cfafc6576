import { parseTimestamp } from '../../shared/dataset/timestamps.ts';
import { isMissing } from './number.ts';
import { splitRecord, type SplitRecord } from './records.ts';
import { writtenNumber } from './written-number.ts';

const FOUND = [',', ';', '\t'] as const;
/** Lines after the header that are looked at. */
const SAMPLE_LINES = 20;

export interface SplitHeader extends SplitRecord {
  readonly delimiter: string;
}

/**
 * Splits the header by what parts the cells: the one of , ; and tab that gives every row as many fields as the header has;
 * of several the one with the most fields, and of those the one by which most cells are times or numbers. Where none does, the
 * one that the header has most of. `lines`: the header and lines after it.
 */
export function splitHeader(lines: readonly string[]): SplitHeader {
  const [header = '', ...rows] = lines;
  const sample = rows.filter((line) => line !== '').slice(0, SAMPLE_LINES);
  const split = FOUND.map((delimiter) => ({ delimiter, ...splitRecord(header, delimiter) }));
  const fitting = split.filter(
    ({ delimiter, fields }) =>
      fields.length > 1 &&
      sample.every((line) => splitRecord(line, delimiter).fields.length === fields.length),
  );
  const most = Math.max(...(fitting.length > 0 ? fitting : split).map(({ fields }) => fields.length));
  const best = (fitting.length > 0 ? fitting : split).filter(({ fields }) => fields.length === most);
  const readable = (delimiter: string): number =>
    sample.reduce((sum, line) => sum + readableCells(line, delimiter), 0);
  return best.reduce((one, next) => (readable(next.delimiter) > readable(one.delimiter) ? next : one));
}

function readableCells(line: string, delimiter: string): number {
  const isReadable = (cell: string): boolean =>
    isMissing(cell) || writtenNumber(cell) !== undefined || parseTimestamp(cell.trim()) !== undefined;
  return splitRecord(line, delimiter).fields.filter(isReadable).length;
}
