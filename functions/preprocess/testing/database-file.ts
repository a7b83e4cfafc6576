import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The bytes of a file that DuckDB writes: the rows of `select`, as `options` of its COPY say. */
export async function databaseFile(select: string, options = 'FORMAT parquet'): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'flts-file-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  try {
    const connection = await instance.connect();
    const file = join(folder, 'file');
    await connection.run(`COPY (${select}) TO '${file}' (${options})`);
    connection.closeSync();
    return await readFile(file);
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true });
  }
}
