import { LARGEST_NUMBER } from '../../shared/dataset/rules.ts';
import { parseTimestamp } from '../../shared/dataset/timestamps.ts';
import { storeRows } from '../columns/row-table.ts';
import { findTimeColumn } from '../csv/time-column.ts';
import { cellError, type CellPlace } from '../source/cell-error.ts';
import { createGroups, type GroupReader } from '../source/groups.ts';
import type { ParsedRows } from '../source/in-order.ts';
import type { Reading, SourceFile } from '../source/source-file.ts';
import { jsonObject, valueOf } from './json-object.ts';
import { keysOf, type Keys } from './keys.ts';
import { lineBlocks, type LineBlock } from './lines.ts';

interface OpenJsonLines extends SourceFile, Keys {
  /** Position of the time column. */
  readonly time: number;
  readonly groups: GroupReader | undefined;
}

/**
 * Parses JSON lines: an object a line, its keys are the columns. The time is text or a number, every other value a number; null
 * and a missing key are missing cells. Some ten thousand bytes of the file are in memory at once.
 * @throws DataError naming line, column and value
 */
export async function parseJsonLines(source: SourceFile, reading: Reading): Promise<ParsedRows> {
  const keys = await keysOf(source);
  const samples = keys.keys.map((key) => keys.sample.map((object) => textOf(valueOf(object, key))));
  const groups = createGroups(source, keys.names);
  const time = findTimeColumn(keys.names, source, samples);
  const open: OpenJsonLines = { ...source, ...keys, time, groups };
  const columns = open.names.filter((_, index) => index !== open.time);
  const { table: rows, append } = storeRows(reading.spill, columns);
  for await (const block of lineBlocks(source.file)) {
    const cells = cellsOf(block, open);
    append({
      ts: cells[open.time] ?? new Float64Array(),
      values: Object.fromEntries(
        open.names.flatMap((name, index) =>
          index === open.time ? [] : [[name, cells[index] ?? new Float64Array()]],
        ),
      ),
    });
    reading.onRows?.(rows.ts.length, block.share);
  }
  return {
    rows,
    indexColumn: open.names[open.time] ?? '',
    columns: columns.filter((name) => name !== groups?.column),
    groups,
    timeOfRow: (row) => timeOfRow(open, row),
  };
}

/** Names of the columns. @throws as keysOf */
export async function jsonLinesColumns(source: SourceFile): Promise<readonly string[]> {
  return (await keysOf(source)).names;
}

/** Values by position, one a line. */
function cellsOf({ lines }: LineBlock, open: OpenJsonLines): Float64Array[] {
  const cells = open.keys.map(() => new Float64Array(lines.length));
  for (const [row, { text, number }] of lines.entries()) {
    const object = jsonObject(text, { place: open.place, number });
    for (const [index, key] of open.keys.entries()) {
      const value = valueOf(object, key);
      const taken = takeCell(open, index, value);
      if (taken === undefined) throw badCell(open, index, { value, number });
      (cells[index] ?? new Float64Array())[row] = taken;
    }
  }
  return cells;
}

function takeCell(open: OpenJsonLines, index: number, value: unknown): number | undefined {
  if (index === open.time) return timeOf(value, open.dateFormat);
  if (open.groups === undefined || open.names[index] !== open.groups.column) return numberOf(value);
  return open.groups.placeOf(typeof value === 'boolean' ? String(value) : (textOf(value) ?? ''));
}

function timeOf(value: unknown, dateFormat: SourceFile['dateFormat']): number | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : parseTimestamp(text, dateFormat);
}

/** NaN where it is missing; undefined where it is no number. */
function numberOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return NaN;
  return typeof value === 'number' && Math.abs(value) <= LARGEST_NUMBER ? value : undefined;
}

/** What a CSV cell would hold; undefined for a value that may be no time. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function badCell(open: OpenJsonLines, index: number, at: { value: unknown; number: number }): Error {
  const cell = cellOf(open, index, at);
  if (open.names[index] === open.groups?.column) return cellError('group_invalid', cell);
  return cellError(index === open.time ? 'timestamp_invalid' : 'column_not_numeric', cell);
}

function cellOf(
  { place, names }: OpenJsonLines,
  index: number,
  { value, number }: { readonly value: unknown; readonly number: number },
): CellPlace {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return { place, where: `line ${number}`, column: names[index] ?? '', text };
}

/** Reads the file up to there. */
async function timeOfRow(open: OpenJsonLines, row: number): Promise<CellPlace> {
  let seen = 0;
  for await (const { lines } of lineBlocks(open.file)) {
    const line = lines[row - seen];
    seen += lines.length;
    if (line === undefined) continue;
    const object = jsonObject(line.text, { place: open.place, number: line.number });
    const value = valueOf(object, open.keys[open.time] ?? '');
    return cellOf(open, open.time, { value, number: line.number });
  }
  throw new RangeError(`expected row ${row} in ${open.place}, got ${seen} rows`);
}
