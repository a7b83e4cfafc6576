import { DataError } from '../../shared/errors.ts';
import { parseTimestamp } from '../../shared/dataset/timestamps.ts';
import { refuseDuplicates } from '../source/column-names.ts';
import { splitRecord } from './records.ts';

const DELIMITERS = [',', ';', '\t'] as const;

export interface CsvHeader {
  readonly delimiter: string;
  /** Trimmed; a column without a name is called `column_<position>`. */
  readonly names: readonly string[];
  /** Line of the header, from 1: lines before it are blank. */
  readonly line: number;
}

/**
 * Reads the header from the beginning of a file (line ends are `\n`). The delimiter is the one of , ; and tab that
 * the header has most of outside quotes.
 * @throws DataError file_empty, file_unreadable where a quoted name has a line break, column_missing where there is
 * but one name, or values for names, column_reserved where two are the same but for case or Unicode form
 */
export function readHeader(beginning: string, place: string): CsvHeader {
  const text = beginning.replace(/^\uFEFF/u, '');
  const blank = /^(?:[ \t]*\n)*/u.exec(text)?.[0] ?? '';
  const [first = ''] = text.slice(blank.length).split('\n', 1);
  if (first.trim() === '')
    throw new DataError('file_empty', `expected a header and rows in ${place}, got an empty file`);
  const line = blank.split('\n').length;
  const { delimiter, fields, closed } = DELIMITERS.map((candidate) => ({
    delimiter: candidate,
    ...splitRecord(first, candidate),
  })).reduce((best, next) => (next.fields.length > best.fields.length ? next : best));
  if (!closed)
    throw new DataError(
      'file_unreadable',
      `expected a header on one line in ${place}, line ${line}, got a quote that is not closed there`,
    );
  const names = fields.map((name, index) => name.trim() || `column_${index + 1}`);
  if (names.length < 2)
    throw new DataError(
      'column_missing',
      `expected a time column and at least one numeric column, parted by , ; or tab, in ${place}, got ${JSON.stringify(first.slice(0, 80))}`,
    );
  refuseValues(names, place, line);
  refuseDuplicates(names, place);
  return { delimiter, names, line };
}

/** A file without a header would lose its first row, and its columns would be called by that row's values. */
function refuseValues(names: readonly string[], place: string, line: number): void {
  const isValue = (name: string): boolean =>
    Number.isFinite(Number(name)) || parseTimestamp(name) !== undefined;
  if (!names.every(isValue)) return;
  throw new DataError(
    'column_missing',
    `expected a header with the names of the columns in ${place}, line ${line}, got the values ${names.slice(0, 5).join(', ')}`,
  );
}
