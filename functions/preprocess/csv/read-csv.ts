import { open, stat } from 'node:fs/promises';
import { DataError } from '../../shared/errors.ts';
import { storeRows, type StoredRows } from '../columns/row-table.ts';
import { cellError, type CellPlace } from '../source/cell-error.ts';
import { createGroups } from '../source/groups.ts';
import type { ParsedRows } from '../source/in-order.ts';
import { missingNumbers } from '../source/missing-numbers.ts';
import type { Reading, SourceFile } from '../source/source-file.ts';
import { recordBlocks, type CsvBlock } from './blocks.ts';
import { plainPlan, surveyedPlan, type ColumnPlan } from './column-plan.ts';
import { readHeader, type CsvHeader } from './header.ts';
import { MARKS } from './number.ts';
import { parseAhead, type ParsedShare } from './parse-ahead.ts';
import {
  createBlockParser,
  firstRecords,
  type BadCell,
  type ParsedBlock,
  type RecordLayout,
} from './parse-block.ts';
import { recordError } from './record-error.ts';
import { recordOfRow } from './record-of-row.ts';
import type { OpenCsv } from './source.ts';
import { findTimeColumn } from './time-column.ts';
import { toldOfDelimiter, toldOfLeftOut } from './told.ts';
import type { DecimalSign } from './written-number.ts';

/** The beginning of the file that has to hold the header. */
const HEADER_BYTES = 1 << 20;
/** Bytes of a file of which less is parsed before a thread has started. */
const FEWEST_BYTES = 8 << 20;
/** Rows that are looked at where the time column has to be found. */
const SAMPLE_ROWS = 20;

/**
 * Parses a CSV file: header required, cells may be quoted. Every column is read as plain numbers while the file allows it; where it
 * does not, all cells are looked at once, and each column is read in the only way that fits them, or left out as text. About a
 * megabyte of the file is in memory at once.
 * @throws DataError naming line, column and value
 */
export async function parseCsv(source: SourceFile, reading: Reading): Promise<ParsedRows> {
  const header = await headerOf(source);
  const groups = createGroups(source, header.names);
  const csv: OpenCsv = { ...source, header, groups };
  let plan = plainPlan(csv);
  let read = await readRecords(csv, reading, { ...plan, isPlain: true });
  if (read.rows === undefined) {
    plan = await surveyedPlan(csv, read.time);
    read = await readRecords(csv, reading, { ...plan, isPlain: false });
  }
  return parsedRows(csv, plan, read);
}

function parsedRows(csv: OpenCsv, plan: ColumnPlan, { time, rows, marks }: ReadRecords): ParsedRows {
  const { header, groups, wanted = [] } = csv;
  const { names } = header;
  if (rows === undefined) throw new TypeError('expected rows that are read, got none');
  const numeric = names.filter(
    (name, index) => index !== time && name !== groups?.column && plan.reads[index] !== 'left out',
  );
  const isEmpty = (name: string): boolean => {
    const index = names.indexOf(name);
    return plan.reads[index] === 'plain' && ((marks[index] ?? 0) & ~MARKS.missing) === 0;
  };
  const empty = numeric.filter((name) => isEmpty(name) && !wanted.includes(name));
  const columns = empty.length === numeric.length ? numeric : numeric.filter((name) => !empty.includes(name));
  const leftOut = names.filter(
    (name, index) => index !== time && name !== groups?.column && !columns.includes(name),
  );
  return {
    rows,
    indexColumn: names[time] ?? '',
    columns,
    labels: plan.labels.map(({ position }) => names[position] ?? ''),
    leftOut,
    decimals: decimalsOf(names, plan),
    groups,
    understood: [
      ...(csv.delimiter ? [] : [toldOfDelimiter(header.delimiter)]),
      ...plan.understood,
      ...(empty.length === numeric.length ? [] : empty.map((name) => toldOfLeftOut(name, 'empty'))),
    ],
    timeOfRow: async (row) => {
      const { line, fields } = await recordOfRow(csv, row);
      return cellOf(csv, { line, column: time, text: fields[time] ?? '' });
    },
  };
}

function decimalsOf(names: readonly string[], { reads }: ColumnPlan): Record<string, DecimalSign> {
  return Object.fromEntries(
    names.flatMap((name, index): [string, DecimalSign][] =>
      reads[index] === 'left out' ? [] : [[name, reads[index] === ',' ? ',' : '.']],
    ),
  );
}

/** @throws DataError file_empty, file_unreadable, column_reserved */
export async function headerOf({
  file,
  place,
  delimiter,
}: Pick<SourceFile, 'file' | 'place' | 'delimiter'>): Promise<CsvHeader> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return readHeader(buffer.toString('utf8', 0, bytesRead), place, delimiter);
  } finally {
    await handle.close();
  }
}

/** What is found wrong first, of each kind; kinds are told in this order, wherever in the file they are. */
interface Problems {
  noTime: unknown;
  badNumber: BadCell | undefined;
  badTime: BadCell | undefined;
  badGroup: BadCell | undefined;
}

interface ReadRecords {
  readonly time: number;
  /** In the file's order; undefined where the columns are no plain numbers, or may not be. */
  readonly rows: StoredRows | undefined;
  /** By position, see MARKS. */
  readonly marks: Uint8Array;
}

async function readRecords(
  csv: OpenCsv,
  { spill, onRows, threads = [] }: Reading,
  { isPlain, reads, labels }: Pick<ColumnPlan, 'reads' | 'labels'> & { readonly isPlain: boolean },
): Promise<ReadRecords> {
  const { header, dateFormat, groups, missing = [] } = csv;
  const { names, delimiter } = header;
  const problems: Problems = {
    noTime: undefined,
    badNumber: undefined,
    badTime: undefined,
    badGroup: undefined,
  };
  let time: number | undefined;
  let stored: ReturnType<typeof storeRows> | undefined;
  const marks = new Uint8Array(names.length);
  const group = groups && { position: names.indexOf(groups.column), placeOf: groups.placeOf };
  const layoutOf = (block: CsvBlock): RecordLayout => {
    time ??= timeColumnOf(csv, block, problems);
    return {
      delimiter,
      fields: names.length,
      time,
      dateFormat,
      group,
      reads,
      missing,
      ...(labels.length > 0 && { labels }),
    };
  };
  // Values of groups and of text are numbered in the order of the file, by this thread.
  const isNumbered = group !== undefined || labels.length > 0;
  const others = !isNumbered && (await stat(csv.file)).size >= FEWEST_BYTES ? threads : [];
  const blocks = recordBlocks(csv);
  const parsing = others.length > 0 ? parseAhead(blocks, layoutOf, others) : parseHere(blocks, layoutOf);
  const rowsOf = rowsReader(csv, { reads, labels });
  for await (const { parsed, share } of parsing) {
    if (time === undefined) continue;
    if (isPlain && csv.decimal === ',' && problems.noTime === undefined)
      return { time, rows: undefined, marks };
    stored ??= storeRows(spill, rowsOf.names(time));
    if (parsed.badRecord !== undefined) throw recordError(csv, parsed.badRecord);
    problems.badNumber ??= parsed.badNumber;
    problems.badTime ??= parsed.badTime;
    problems.badGroup ??= parsed.badGroup;
    for (let index = 0; index < marks.length; index += 1)
      marks[index] = (marks[index] ?? 0) | (parsed.marks[index] ?? 0);
    if (isPlain && problems.badNumber !== undefined && problems.noTime === undefined) break;
    stored.append(rowsOf.take(parsed, time));
    onRows?.(stored.table.ts.length, share);
  }
  if (time !== undefined && stored !== undefined && isPlain && problems.noTime === undefined) {
    const isOdd =
      problems.badNumber !== undefined ||
      ((csv.decimal ?? '') === '' && marks.some((mark) => isAmbiguous(mark, delimiter)));
    if (isOdd) {
      stored.table.close();
      return { time, rows: undefined, marks };
    }
  }
  if (time === undefined || stored === undefined || stored.table.ts.length === 0)
    throw new DataError('file_header_only', `expected rows after the header in ${csv.place}, got none`);
  refuseProblems(csv, problems);
  return { time, rows: stored.table, marks };
}

/** Whether a column's points may part thousands: no number says they do not, and either the file or a number without one says they may. */
function isAmbiguous(mark: number, delimiter: string): boolean {
  if ((mark & MARKS.ambiguous) === 0 || (mark & MARKS.decimal) !== 0) return false;
  return delimiter === ';' || (mark & MARKS.bare) !== 0;
}

/** By this thread, block after block. */
async function* parseHere(
  blocks: AsyncIterable<CsvBlock>,
  layoutOf: (block: CsvBlock) => RecordLayout,
): AsyncGenerator<ParsedShare> {
  let parse: ReturnType<typeof createBlockParser> | undefined;
  for await (const block of blocks) {
    parse ??= createBlockParser(layoutOf(block));
    yield { parsed: parse(block.bytes, block.line), share: block.share };
  }
}

/** Where none is found, the file is still read to the end: a record of the wrong shape is what is told of it. */
function timeColumnOf(csv: OpenCsv, { bytes }: CsvBlock, problems: Problems): number {
  const { names, delimiter } = csv.header;
  const records = firstRecords(bytes, SAMPLE_ROWS, delimiter);
  try {
    return findTimeColumn(
      names,
      csv,
      names.map((_, index) => records.map((record) => record[index])),
    );
  } catch (thrown) {
    problems.noTime = thrown;
    return 0;
  }
}

/** Takes the columns of blocks that are not left out. */
function rowsReader(
  { header, groups, missing = [] }: OpenCsv,
  { reads, labels }: Pick<ColumnPlan, 'reads' | 'labels'>,
) {
  const { names } = header;
  const isNumbered = (index: number): boolean =>
    names[index] === groups?.column || labels.some(({ position }) => position === index);
  const isStored = (index: number): boolean => reads[index] !== 'left out' || isNumbered(index);
  const withoutMissing = missingNumbers(missing);
  return {
    names: (time: number): string[] => names.filter((_, index) => index !== time && isStored(index)),
    take: ({ cells }: ParsedBlock, time: number) => ({
      ts: cells[time] ?? new Float64Array(),
      values: Object.fromEntries(
        names.flatMap((name, index) => {
          const values = cells[index] ?? new Float64Array();
          if (index === time || !isStored(index)) return [];
          return [[name, isNumbered(index) ? values : withoutMissing(values)]];
        }),
      ),
    }),
  };
}

/** @throws DataError time_column_missing, column_not_numeric, timestamp_invalid, with line, column and value */
function refuseProblems(csv: OpenCsv, { noTime, badNumber, badTime, badGroup }: Problems): void {
  if (noTime !== undefined) throw noTime;
  if (badNumber !== undefined) throw cellError('column_not_numeric', cellOf(csv, badNumber));
  if (badTime !== undefined) throw cellError('timestamp_invalid', cellOf(csv, badTime));
  if (badGroup !== undefined) throw cellError('group_invalid', cellOf(csv, badGroup));
}

function cellOf({ place, header }: OpenCsv, { line, column, text }: BadCell): CellPlace {
  return { place, where: `line ${line}`, column: header.names[column] ?? '', text };
}
