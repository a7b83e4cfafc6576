import { DataError } from '../../shared/errors.ts';
import { parseTimestamp } from '../../shared/dataset/timestamps.ts';
import { refuseDuplicates } from '../source/column-names.ts';
import { splitHeader } from './delimiter.ts';
import { splitRecord } from './records.ts';

export interface CsvHeader {
  readonly delimiter: string;
  /** Trimmed; a column without a name is called `column_<position>`. */
  readonly names: readonly string[];
  /** Line of the header, from 1: lines before it are blank, or say what parts cells. */
  readonly line: number;
}

/** Lines that are looked at. */
const SAMPLE_LINES = 22;
/** The first line of files that Excel writes with it; it says what parts the cells. */
const SEPARATOR = /^"?sep=(.)"?[ \t]*\n/iu;

/**
 * Reads the header from the beginning of a file (line ends are `\n`). The delimiter is `given`, that of a line `sep=`, or found.
 * @throws DataError file_empty, file_unreadable where a quoted name has a line break, column_missing where there is
 * but one name, or values for names, column_reserved where two are the same but for case or Unicode form
 */
export function readHeader(beginning: string, place: string, given = ''): CsvHeader {
  const marked = beginning.replace(/^\uFEFF/u, '');
  const [said = '', sign = ''] = SEPARATOR.exec(marked) ?? [];
  const text = marked.slice(said.length);
  const blank = /^(?:[ \t]*\n)*/u.exec(text)?.[0] ?? '';
  const lines = text.slice(blank.length).split('\n', SAMPLE_LINES);
  const [first = ''] = lines;
  if (first.trim() === '')
    throw new DataError('file_empty', `expected a header and rows in ${place}, got an empty file`);
  const line = `${said}${blank}`.split('\n').length;
  const asked = given || sign;
  // The last line may be cut.
  const whole = beginning.endsWith('\n') || lines.length === 1 ? lines : lines.slice(0, -1);
  const { delimiter, fields, closed } =
    asked === '' ? splitHeader(whole) : { delimiter: asked, ...splitRecord(first, asked) };
  if (!closed)
    throw new DataError(
      'file_unreadable',
      `expected a header on one line in ${place}, line ${line}, got a quote that is not closed there`,
    );
  const names = fields.map((name, index) => name.trim() || `column_${index + 1}`);
  if (names.length < 2)
    throw new DataError(
      'column_missing',
      `expected a time column and at least one numeric column, parted by ${asked === '' ? ', ; or tab (DELIMITER names another)' : JSON.stringify(asked)}, in ${place}, got ${JSON.stringify(first.slice(0, 80))}`,
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
