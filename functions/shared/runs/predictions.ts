import { type DuckDBAppender, DuckDBInstance, timestampMillisValue } from '@duckdb/node-api';
import type { Backtest, Series } from '@flts/model-runtime';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PredictionsOf {
  readonly series: Series;
  readonly origins: Int32Array;
  readonly horizon: number;
  readonly backtest: Backtest;
}

/**
 * Parquet bytes with a row a prediction: origin (time of the last known row), step (1-based), ts (time predicted),
 * target, predicted, actual (null where it was missing); original units, ordered by target, origin, step.
 */
export async function predictionsParquet(predictions: PredictionsOf): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'flts-predictions-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  try {
    const connection = await instance.connect();
    await connection.run(
      'CREATE TABLE p (origin TIMESTAMP_MS, step INTEGER, ts TIMESTAMP_MS, target VARCHAR, predicted DOUBLE, actual DOUBLE)',
    );
    const appender = await connection.createAppender('p');
    for (const target of Object.keys(predictions.backtest.values))
      appendTarget(appender, predictions, target);
    appender.closeSync();
    const file = join(folder, 'predictions.parquet');
    await connection.run(`COPY p TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
    connection.closeSync();
    return await readFile(file);
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

function appendTarget(
  appender: DuckDBAppender,
  { series, origins, horizon, backtest }: PredictionsOf,
  target: string,
): void {
  const at = (row: number) => timestampMillisValue(BigInt(series.ts[row] ?? 0));
  for (const [index, origin] of origins.entries()) {
    for (let step = 0; step < horizon; step += 1) {
      const actual = series.actual[target]?.[origin + step] ?? Number.NaN;
      appender.appendTimestampMilliseconds(at(origin - 1));
      appender.appendInteger(step + 1);
      appender.appendTimestampMilliseconds(at(origin + step));
      appender.appendVarchar(target);
      appender.appendDouble(backtest.values[target]?.[index * horizon + step] ?? Number.NaN);
      if (Number.isNaN(actual)) appender.appendNull();
      else appender.appendDouble(actual);
      appender.endRow();
    }
  }
}
