import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import { stat } from 'node:fs/promises';
import { DataError } from '../../shared/errors.ts';
import { quote } from '../../shared/dataset/reader.ts';
import { LARGEST_NUMBER } from '../../shared/dataset/rules.ts';
import { isoTime } from '../../shared/dataset/spacing.ts';
import { storeRows, type Rows } from '../columns/row-table.ts';
import { findTimeColumn } from '../csv/time-column.ts';
import { cellError, type CellPlace } from '../source/cell-error.ts';
import { createGroups, type GroupReader } from '../source/groups.ts';
import type { ParsedRows } from '../source/in-order.ts';
import { mostCells } from '../source/limits.ts';
import type { Reading, SourceFile } from '../source/source-file.ts';
import { parquetSql, withParquet } from './connection.ts';
import { parquetColumns, type ParquetColumn } from './schema.ts';
import { timesOf, timeSql } from './times.ts';

/** Rows that are looked at where the time column has to be found. */
const SAMPLE_ROWS = 20;

interface OpenParquet extends SourceFile {
  readonly time: ParquetColumn;
  /** The column that groups rows, if any. */
  readonly group: ParquetColumn | undefined;
  readonly groups: GroupReader | undefined;
  /** The others. */
  readonly numeric: readonly ParquetColumn[];
}

/**
 * Parses a Parquet file: one column of times (timestamps of any unit, dates, text or epochs), all others numbers. Nulls and NaN are
 * missing. Rows are streamed in the file's order, chunk by chunk.
 * @throws DataError naming column and, from 1, row
 */
export async function parseParquet(source: SourceFile, reading: Reading): Promise<ParsedRows> {
  return withParquet(source, async (connection) => {
    const columns = await parquetColumns(connection, source);
    const groups = createGroups(
      source,
      columns.map(({ name }) => name),
    );
    const group = columns.find(({ name }) => name === groups?.column);
    const time = await timeColumnOf(connection, columns, source);
    const numeric = columns.filter((column) => column !== time && column !== group);
    const open: OpenParquet = { ...source, time, group, groups, numeric };
    refuseOthers(open);
    const names = open.numeric.map(({ name }) => name);
    const { table: rows, append } = storeRows(
      reading.spill,
      groups === undefined ? names : [...names, groups.column],
    );
    const most = mostCells((await stat(source.file)).size);
    const total = await rowsOf(connection, source);
    for await (const piece of rowsIn(connection, open)) {
      append(piece);
      if (rows.ts.length * columns.length > most) throw tooMany(source.place, most);
      reading.onRows?.(rows.ts.length, Math.min(1, rows.ts.length / total));
    }
    if (rows.ts.length === 0)
      throw new DataError('file_header_only', `expected rows in ${source.place}, got none`);
    return {
      rows,
      indexColumn: time.name,
      columns: names,
      groups,
      timeOfRow: (row) => timeOfRow(open, row),
    };
  });
}

/** Names of the columns. @throws as parquetColumns */
export async function parquetColumnNames(source: SourceFile): Promise<readonly string[]> {
  const columns = await withParquet(source, (connection) => parquetColumns(connection, source));
  return columns.map(({ name }) => name);
}

async function timeColumnOf(
  connection: DuckDBConnection,
  columns: readonly ParquetColumn[],
  source: SourceFile,
): Promise<ParquetColumn> {
  const result = await connection.runAndReadAll(
    `SELECT ${columns.map(({ key, kind }) => (kind === 'other' ? 'NULL' : `${quote(key)}::VARCHAR`)).join(', ')} FROM ${parquetSql(source)} LIMIT ${SAMPLE_ROWS}`,
  );
  const names = columns.map(({ name }) => name);
  const found = columns[findTimeColumn(names, source, result.getColumns())];
  if (found === undefined) throw new RangeError(`expected a column of ${source.place}, got none`);
  if (found.kind !== 'other') return found;
  throw new DataError(
    'timestamp_invalid',
    `expected times in column "${found.name}" of ${source.place}, got the type ${found.type.slice(0, 80)}`,
  );
}

/** @throws DataError column_not_numeric, group_invalid, naming column and type */
function refuseOthers({ place, numeric, group }: OpenParquet): void {
  if (group?.kind === 'other')
    throw new DataError(
      'group_invalid',
      `expected text or numbers in column "${group.name}" of ${place}, got the type ${group.type.slice(0, 80)}`,
    );
  const bad = numeric.find(({ kind }) => kind !== 'number' && kind !== 'decimal');
  if (bad === undefined) return;
  throw new DataError(
    'column_not_numeric',
    `expected numbers in column "${bad.name}" of ${place}, got the type ${bad.type.slice(0, 80)}`,
  );
}

/** Reads the file up to there. */
async function timeOfRow(open: OpenParquet, row: number): Promise<CellPlace> {
  const result = await withParquet(open, (connection) =>
    connection.runAndReadAll(`SELECT ${timeSql(open.time)} FROM ${parquetSql(open)} LIMIT 1 OFFSET ${row}`),
  );
  const [at = NaN] = timesOf(result.getColumns()[0] ?? [], open.time, open.dateFormat);
  return { place: open.place, where: `row ${row + 1}`, column: open.time.name, text: isoTime(at) };
}

async function rowsOf(connection: DuckDBConnection, { file }: SourceFile): Promise<number> {
  const result = await connection.runAndReadAll(
    `SELECT num_rows::DOUBLE FROM parquet_file_metadata('${file.replaceAll("'", "''")}')`,
  );
  return Number(result.getColumns()[0]?.[0] ?? 0);
}

async function* rowsIn(connection: DuckDBConnection, open: OpenParquet): AsyncGenerator<Rows> {
  const group = open.group === undefined ? [] : [`${quote(open.group.key)}::VARCHAR`];
  const selected = [timeSql(open.time), ...open.numeric.map(numberSql), ...group];
  const result = await connection.stream(`SELECT ${selected.join(', ')} FROM ${parquetSql(open)}`);
  let row = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null; chunk = await result.fetchChunk()) {
    if (chunk.rowCount === 0) return;
    yield piece(chunk, row, open);
    row += chunk.rowCount;
  }
}

/** Decimals by their digits, since a quotient of large integers may round twice. */
function numberSql({ key, kind }: ParquetColumn): string {
  const value = kind === 'decimal' ? `${quote(key)}::VARCHAR` : quote(key);
  return `coalesce(${value}::DOUBLE, 'nan'::DOUBLE)`;
}

function piece(chunk: DuckDBDataChunk, firstRow: number, open: OpenParquet): Rows {
  const ts = timesOf(chunk.getColumnValues(0), open.time, open.dateFormat);
  const badTime = ts.findIndex((at) => Number.isNaN(at));
  const values = open.numeric.map(({ name }, index) => {
    const column = Float64Array.from(chunk.getColumnValues(index + 1), Number);
    const bad = column.findIndex((value) => Math.abs(value) > LARGEST_NUMBER);
    if (bad >= 0)
      throw cellError('column_not_numeric', {
        place: open.place,
        where: `row ${firstRow + bad + 1}`,
        column: name,
        text: String(column[bad]),
      });
    return [name, column] as const;
  });
  if (badTime >= 0)
    throw cellError('timestamp_invalid', {
      place: open.place,
      where: `row ${firstRow + badTime + 1}`,
      column: open.time.name,
      text: String(chunk.getColumnValues(0)[badTime] ?? 'null'),
    });
  return { ts, values: Object.fromEntries([...values, ...groupCells(chunk, firstRow, open)]) };
}

/** The numbers of the rows' groups, by the column's name; nothing where rows are not grouped. */
function groupCells(
  chunk: DuckDBDataChunk,
  firstRow: number,
  { place, groups, numeric }: OpenParquet,
): (readonly [string, Float64Array])[] {
  if (groups === undefined) return [];
  const cells = chunk.getColumnValues(numeric.length + 1);
  const places = Float64Array.from(cells, (cell) => groups.placeOf(cell === null ? '' : String(cell)) ?? NaN);
  const bad = places.findIndex((each) => Number.isNaN(each));
  if (bad < 0) return [[groups.column, places]];
  throw cellError('group_invalid', {
    place,
    where: `row ${firstRow + bad + 1}`,
    column: groups.column,
    text: String(cells[bad] ?? 'null'),
  });
}

function tooMany(place: string, most: number): DataError {
  return new DataError(
    'object_too_large',
    `expected at most ${most} cells once unpacked at ${place}, got more`,
  );
}
