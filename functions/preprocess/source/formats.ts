import { headerOf, parseCsv } from '../csv/read-csv.ts';
import { jsonLinesColumns, parseJsonLines } from '../json-lines/read-json-lines.ts';
import { parquetColumnNames, parseParquet } from '../parquet/read-parquet.ts';
import type { Format } from './format.ts';
import type { ParsedRows } from './in-order.ts';
import type { Reading, SourceFile } from './source-file.ts';

/** How files of a format are read. */
export interface FormatReader {
  /** Names of all columns, the time among them. */
  readonly columns: (source: SourceFile) => Promise<readonly string[]>;
  readonly parse: (source: SourceFile, reading: Reading) => Promise<ParsedRows>;
}

export const FORMATS: Readonly<Record<Format, FormatReader>> = {
  csv: { columns: async (source) => (await headerOf(source)).names, parse: parseCsv },
  'json lines': { columns: jsonLinesColumns, parse: parseJsonLines },
  parquet: { columns: parquetColumnNames, parse: parseParquet },
};
