import type { DateFormat } from '../../shared/dataset/rules.ts';
import type { GroupReader } from '../source/groups.ts';
import { parseTimestamp } from '../../shared/dataset/timestamps.ts';
import { countLines } from './blocks.ts';
import { atCellEnd, createTimeReader, takePlainNumber, takeText, type CellReader } from './cell-reader.ts';
import type { ColumnReading } from './column-reading.ts';
import { MARKS, markOfText, numberOf, writtenNumberOf } from './number.ts';
import { recordEnd, splitRecord, type SplitRecord } from './records.ts';

const LINE_FEED = 10;
const QUOTE = 34;

export interface RecordLayout {
  readonly delimiter: string;
  /** Cells of a record. */
  readonly fields: number;
  /** Which of them is the time. */
  readonly time: number;
  /** How times are read that could be read in two ways. */
  readonly dateFormat?: DateFormat | undefined;
  /** Which of them groups rows, if any. */
  readonly group?: LabelColumn | undefined;
  /** How each column is read; default: all are plain numbers. */
  readonly reads?: readonly ColumnReading[] | undefined;
  /** Words for missing besides the usual ones, in lower case. */
  readonly missing?: readonly string[] | undefined;
  /** Columns of text whose values are numbered. */
  readonly labels?: readonly LabelColumn[] | undefined;
}

export interface LabelColumn {
  readonly position: number;
  readonly placeOf: GroupReader['placeOf'];
}

/** A cell that is not what its column holds. */
export interface BadCell {
  readonly line: number;
  /** Position in the record. */
  readonly column: number;
  readonly text: string;
}

/** What is wrong with the shape of a record. */
export interface BadRecord {
  readonly line: number;
  readonly fields: number;
  /** Whether every quote that opens a field is closed, with a delimiter or the line's end after it. */
  readonly closed: boolean;
  readonly endsEmpty: boolean;
}

export interface ParsedBlock {
  readonly rows: number;
  /** Values of the cells by position, epoch ms of the time and the group's number among them; NaN where they are missing or bad. */
  readonly cells: readonly Float64Array[];
  /** By position: what the plain numbers show of their points (MARKS); 0 of a column that has none. */
  readonly marks: Uint8Array;
  /** The first of each kind. Nothing after a bad record is read. */
  readonly badRecord: BadRecord | undefined;
  readonly badNumber: BadCell | undefined;
  readonly badTime: BadCell | undefined;
  readonly badGroup: BadCell | undefined;
}

/** Makes a function that parses block after block; the cells of the next one take the place of those before. */
export function createBlockParser(layout: RecordLayout): (bytes: Buffer, line: number) => ParsedBlock {
  let rooms: readonly Float64Array[] = [];
  return (bytes, line) => {
    const most = countLines(bytes) + 1;
    if ((rooms[0]?.length ?? 0) < most)
      rooms = Array.from({ length: layout.fields }, () => new Float64Array(Math.ceil(1.25 * most)));
    return parseInto(bytes, { line, layout, rooms });
  };
}

export interface Into {
  readonly line: number;
  readonly layout: RecordLayout;
  /** One array a field, with room for as many rows as there are lines. */
  readonly rooms: readonly Float64Array[];
}

/** Parses whole records, whose first begins on `line`. Blank lines are none. */
export function parseInto(bytes: Buffer, { line, layout, rooms }: Into): ParsedBlock {
  const parser = createParser(bytes, layout, rooms);
  let rows = 0;
  let at = line;
  let badRecord: BadRecord | undefined;
  while (parser.reader.at < bytes.length && badRecord === undefined) {
    if (bytes[parser.reader.at] === LINE_FEED) {
      parser.reader.at += 1;
      at += 1;
      continue;
    }
    const start = parser.reader.at;
    if (parser.takeRecord(rows)) at += 1;
    else {
      parser.reader.at = start;
      badRecord = parser.takeOddRecord(rows, at);
      at += countLines(bytes.subarray(start, parser.reader.at));
    }
    if (badRecord === undefined) rows += 1;
  }
  const cells = parser.cells.map((values) => values.subarray(0, rows));
  return { rows, cells, marks: parser.marks, badRecord, ...parser.bad };
}

/** The fields of the first records, as far as they are whole. */
export function firstRecords(bytes: Buffer, most: number, delimiter: string): string[][] {
  const records: string[][] = [];
  for (let at = 0; at < bytes.length && records.length < most;) {
    const end = recordEnd(bytes, at, delimiter.charCodeAt(0));
    const text = bytes.toString('utf8', at, end).replace(/\n$/u, '');
    if (text !== '') records.push(splitRecord(text, delimiter).fields);
    at = end;
  }
  return records;
}

/** What is wrong with the shape of a record on `line`, which should have so many fields; undefined where nothing is. */
export function shapeProblem(
  { fields, closed, trailing }: SplitRecord,
  { line, expected }: { readonly line: number; readonly expected: number },
): BadRecord | undefined {
  const isClosed = closed && !trailing;
  if (isClosed && fields.length === expected) return undefined;
  return { line, fields: fields.length, closed: isClosed, endsEmpty: fields.at(-1)?.trim() === '' };
}

/** `cells`: one array a field, with room for as many rows as there are lines. */
function createParser(bytes: Buffer, layout: RecordLayout, cells: readonly Float64Array[]) {
  const { delimiter, fields, time, group, dateFormat, missing } = layout;
  const reader: CellReader = { bytes, delimiter: delimiter.charCodeAt(0), at: 0 };
  const takeTime = createTimeReader();
  const bad: Pick<Writable<ParsedBlock>, 'badNumber' | 'badTime' | 'badGroup'> = {
    badNumber: undefined,
    badTime: undefined,
    badGroup: undefined,
  };
  const groupAt = group?.position ?? -1;
  const marks = new Uint8Array(fields);
  const special = layout.reads?.some((reading) => reading !== 'plain') === true;
  const takeCell = (column: number, row: number): boolean => {
    const target = cells[column] ?? new Float64Array();
    if (column === time) return takeTime(reader, target, row) || takeOddTime(reader, target, row, dateFormat);
    if (column === groupAt || (special && layout.reads?.[column] !== 'plain')) {
      const value = valueOf(column, takeText(reader));
      target[row] = value ?? NaN;
      return value !== undefined;
    }
    if (atCellEnd(reader)) {
      target[row] = NaN;
      return true;
    }
    const mark = takePlainNumber(reader, target, row) || takeOddNumber(reader, { target, row, missing });
    marks[column] = (marks[column] ?? 0) | mark;
    return mark !== BAD;
  };
  const valueOf = (column: number, cell: string): number | undefined => {
    if (column === time) return parseTimestamp(cell, dateFormat);
    if (column === groupAt) return group?.placeOf(cell);
    const reading = layout.reads?.[column] ?? 'plain';
    if (reading === '.' || reading === ',') return writtenNumberOf(cell, reading, missing);
    if (reading === 'left out')
      return layout.labels?.find(({ position }) => position === column)?.placeOf(cell) ?? NaN;
    const value = numberOf(cell, missing);
    if (value !== undefined && !Number.isNaN(value)) marks[column] = (marks[column] ?? 0) | markOfText(cell);
    return value;
  };
  /** A record of cells without quotes and as many as there should be; false where it is none, or a cell is bad. */
  const takeRecord = (row: number): boolean => {
    for (let column = 0; column < fields; column += 1) {
      if (bytes[reader.at] === QUOTE || !takeCell(column, row)) return false;
      const end = bytes[reader.at] ?? LINE_FEED;
      if (end !== (column === fields - 1 ? LINE_FEED : reader.delimiter)) return false;
      reader.at += 1;
    }
    return true;
  };
  /** Any record. Notes what is wrong with its cells; answers what is wrong with its shape. */
  const takeOddRecord = (row: number, line: number): BadRecord | undefined => {
    const end = recordEnd(bytes, reader.at, reader.delimiter);
    const text = bytes.toString('utf8', reader.at, end).replace(/\n$/u, '');
    reader.at = end;
    const record = splitRecord(text, delimiter);
    const problem = shapeProblem(record, { line, expected: fields });
    if (problem !== undefined) return problem;
    for (const [column, cell] of record.fields.entries()) {
      const value = valueOf(column, cell);
      (cells[column] ?? new Float64Array())[row] = value ?? NaN;
      if (value !== undefined) continue;
      if (column === groupAt) bad.badGroup ??= { line, column, text: cell };
      else if (column === time) bad.badTime ??= { line, column, text: cell };
      else bad.badNumber ??= { line, column, text: cell };
    }
    return undefined;
  };
  return { reader, cells, marks, bad, takeRecord, takeOddRecord };
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

function takeOddTime(
  reader: CellReader,
  target: Float64Array,
  row: number,
  dateFormat: DateFormat | undefined,
): boolean {
  const value = parseTimestamp(takeText(reader), dateFormat);
  target[row] = value ?? NaN;
  return value !== undefined;
}

/** No mark: the cell is neither a number nor missing. */
const BAD = 0;

/** What the number shows of its point. */
function takeOddNumber(
  reader: CellReader,
  {
    target,
    row,
    missing,
  }: { readonly target: Float64Array; readonly row: number; readonly missing: RecordLayout['missing'] },
): number {
  const text = takeText(reader);
  const value = numberOf(text, missing);
  target[row] = value ?? NaN;
  if (value === undefined) return BAD;
  return Number.isNaN(value) ? MARKS.missing : markOfText(text);
}
