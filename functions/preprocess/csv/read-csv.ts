import { open, stat } from 'node:fs/promises';
import { DataError } from '../../shared/errors.ts';
import { storeRows } from '../columns/row-table.ts';
import { cellError, type CellPlace } from '../source/cell-error.ts';
import { createGroups } from '../source/groups.ts';
import type { ParsedRows } from '../source/in-order.ts';
import type { Reading, SourceFile } from '../source/source-file.ts';
import { recordBlocks, type CsvBlock } from './blocks.ts';
import { readHeader, type CsvHeader } from './header.ts';
import { parseAhead, type ParsedShare } from './parse-ahead.ts';
import {
  createBlockParser,
  firstRecords,
  type BadCell,
  type BadRecord,
  type ParsedBlock,
  type RecordLayout,
} from './parse-block.ts';
import { recordOfRow } from './record-of-row.ts';
import type { OpenCsv } from './source.ts';
import { findTimeColumn } from './time-column.ts';

/** The beginning of the file that has to hold the header. */
const HEADER_BYTES = 1 << 20;
/** Bytes of a file of which less is parsed before a thread has started. */
const FEWEST_BYTES = 8 << 20;
/** Rows that are looked at where the time column has to be found. */
const SAMPLE_ROWS = 20;

/**
 * Parses a CSV file: header required, cells may be quoted, delimiter , ; or tab. Every column but the time must be
 * numeric; empty cells, NA, NaN and null are missing. About a megabyte of the file is in memory at once.
 * @throws DataError naming line, column and value
 */
export async function parseCsv(source: SourceFile, reading: Reading): Promise<ParsedRows> {
  const header = await headerOf(source);
  const { names } = header;
  const groups = createGroups(source, names);
  const csv: OpenCsv = { ...source, header, groups };
  const { time, rows } = await readRecords(csv, reading);
  return {
    rows,
    indexColumn: names[time] ?? '',
    columns: names.filter((name, index) => index !== time && name !== groups?.column),
    groups,
    timeOfRow: async (row) => {
      const { line, fields } = await recordOfRow(csv, row);
      return cellOf(csv, { line, column: time, text: fields[time] ?? '' });
    },
  };
}

/** @throws DataError file_empty, file_unreadable, column_reserved */
export async function headerOf({ file, place }: Pick<SourceFile, 'file' | 'place'>): Promise<CsvHeader> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return readHeader(buffer.toString('utf8', 0, bytesRead), place);
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

/** The rows in the file's order. */
async function readRecords(
  csv: OpenCsv,
  { spill, onRows, threads = [] }: Reading,
): Promise<{ time: number; rows: ReturnType<typeof storeRows>['table'] }> {
  const { header, dateFormat, groups } = csv;
  const { names, delimiter } = header;
  const problems: Problems = {
    noTime: undefined,
    badNumber: undefined,
    badTime: undefined,
    badGroup: undefined,
  };
  let time: number | undefined;
  let stored: ReturnType<typeof storeRows> | undefined;
  const group = groups && { position: names.indexOf(groups.column), placeOf: groups.placeOf };
  const layoutOf = (block: CsvBlock): RecordLayout => {
    time ??= timeColumnOf(csv, block, problems);
    return { delimiter, fields: names.length, time, dateFormat, group };
  };
  // Values of groups are numbered in the order of the file, by this thread.
  const others = group === undefined && (await stat(csv.file)).size >= FEWEST_BYTES ? threads : [];
  const blocks = recordBlocks(csv);
  const parsing = others.length > 0 ? parseAhead(blocks, layoutOf, others) : parseHere(blocks, layoutOf);
  for await (const { parsed, share } of parsing) {
    if (time === undefined) continue;
    stored ??= storeRows(spill, columnsBut(names, time));
    if (parsed.badRecord !== undefined) throw recordError(csv, parsed.badRecord);
    problems.badNumber ??= parsed.badNumber;
    problems.badTime ??= parsed.badTime;
    problems.badGroup ??= parsed.badGroup;
    stored.append(rowsOf(parsed, names, time));
    onRows?.(stored.table.ts.length, share);
  }
  if (time === undefined || stored === undefined || stored.table.ts.length === 0)
    throw new DataError('file_header_only', `expected rows after the header in ${csv.place}, got none`);
  refuseProblems(csv, problems);
  return { time, rows: stored.table };
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

const columnsBut = (names: readonly string[], time: number): string[] =>
  names.filter((_, index) => index !== time);

function rowsOf({ cells }: ParsedBlock, names: readonly string[], time: number) {
  return {
    ts: cells[time] ?? new Float64Array(),
    values: Object.fromEntries(
      names.flatMap((name, index) => (index === time ? [] : [[name, cells[index] ?? new Float64Array()]])),
    ),
  };
}

/** @throws DataError row_ragged, file_unreadable, with the line */
function recordError({ place, header }: OpenCsv, { line, fields, closed }: BadRecord): DataError {
  if (!closed)
    return new DataError(
      'file_unreadable',
      `expected quotes around whole fields in ${place}, line ${line}, got one that is not closed or has text after it`,
    );
  return new DataError(
    'row_ragged',
    `expected ${header.names.length} fields as in the header in ${place}, line ${line}, got ${fields}`,
  );
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
