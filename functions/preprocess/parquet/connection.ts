import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { dirname } from 'node:path';
import { DataError, FltsError } from '../../shared/errors.ts';
import type { SourceFile } from '../source/source-file.ts';

/** Of the database: a few row groups' pages of the columns that are read. */
const MEMORY = '512MB';

export type ParquetFile = Pick<SourceFile, 'file' | 'place'>;

/**
 * Opens DuckDB beside a Parquet file. What it cannot read is the file's fault.
 * @throws DataError file_unreadable, object_too_large where a row group does not fit into the memory; what `use` throws
 */
export async function withParquet<T>(
  source: ParquetFile,
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', {
    // Rows come in the file's order.
    threads: '1',
    memory_limit: MEMORY,
    temp_directory: dirname(source.file),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  try {
    const connection = await instance.connect();
    const result = await use(connection);
    connection.closeSync();
    return result;
  } catch (thrown) {
    if (thrown instanceof FltsError || !(thrown instanceof Error)) throw thrown;
    throw unreadable(source, thrown);
  } finally {
    instance.closeSync();
  }
}

/** The file in SQL. */
export function parquetSql({ file }: ParquetFile): string {
  return `read_parquet('${file.replaceAll("'", "''")}', hive_partitioning = false)`;
}

function unreadable({ file, place }: ParquetFile, cause: Error): DataError {
  const got = (cause.message.split('\n', 1)[0] ?? '').replaceAll(file, place);
  if (/out of memory/iu.test(got))
    return new DataError(
      'object_too_large',
      `expected row groups that fit into ${MEMORY} in ${place}, got larger ones`,
      { cause },
    );
  return new DataError('file_unreadable', `expected whole Parquet data at ${place}, got: ${got}`, { cause });
}
