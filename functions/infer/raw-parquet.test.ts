import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { hourlyCsv } from '../preprocess/testing/stage.ts';
import { kafkaHandler } from '../shared/handlers/kafka-handler.ts';
import { resultLine, type ResultLine } from '../shared/messages/schema.ts';
import { context, mskEvent, mskRecord } from '../shared/testing/events.ts';
import { promotedWorld } from '../shared/testing/promoted.ts';
import { SERVING_DEFAULTS } from '../shared/testing/settings.ts';
import { createThreadlessPool } from '../shared/testing/threadless-pool.ts';
import { BUCKETS, TOPICS } from '../shared/topics.ts';
import { createRoutes } from './routes.ts';

/** Parquet bytes of what a query selects. */
async function parquetOf(query: string): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'flts-raw-'));
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const file = join(folder, 'raw.parquet');
    const connection = await instance.connect();
    await connection.run(`COPY (${query}) TO '${file}' (FORMAT parquet)`);
    return await readFile(file);
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

describe('a claim on a Parquet file that preprocess did not write', () => {
  let world: Awaited<ReturnType<typeof promotedWorld>>;
  beforeAll(async () => {
    const config = { HANDLE_DUPLICATES: 'mean' };
    world = await promotedWorld('load', 'NAIVE', { csv: hourlyCsv(300), config });
  });

  /** The line of the claim, or what its record was given up with. */
  async function forecast(object: string, body: Uint8Array | string): Promise<ResultLine | string> {
    await world.storage.put(BUCKETS.dataset, object, body);
    const routes = createRoutes(createThreadlessPool(), SERVING_DEFAULTS);
    const handler = kafkaHandler({ name: 'infer', routes, services: world.services });
    const value = { bucket: BUCKETS.dataset, object, identifier: 'load' };
    await handler(mskEvent(mskRecord({ topic: TOPICS.inferenceData, value })), context);
    const last = world.publisher.sent.at(-1);
    if (last?.topic === 'DLQ-inference-data') return String(last.headers?.['dlq_error_message']);
    return resultLine.parse(JSON.parse(String(last?.value)).line);
  }

  const hours = `SELECT TIMESTAMP '2024-01-01' + to_hours(h) AS time, h::DOUBLE AS load, (h % 7)::INT AS flow FROM range(10) t(h)`;

  it('is laid, filled and forecast as the training rows were', async () => {
    const gap = `SELECT * FROM (${hours}) WHERE load <> 4 UNION ALL SELECT TIMESTAMP '2024-01-01 08:00', 10, 1`;
    const line = await forecast('raw.parquet', await parquetOf(gap));
    // NAIVE from row 1 on, six rows at a time, then six beyond; the inserted row 4 is not scored.
    expect(line).toMatchObject({ metrics: { rows_predicted: 15, overlap_rows: 8 } });
    const { samples } = line as ResultLine;
    // Two rows of 08:00, 8 and 10, became their mean.
    expect(samples[7]).toMatchObject({ ts: '2024-01-01T08:00:00.000Z', actual: { load: 9 } });
    expect(samples[3]?.actual['load']).toBeNull();
  });

  it.each([
    [
      'has no time column',
      `SELECT load, flow FROM (${hours})`,
      /expected a TIMESTAMP column ts, timestamp, time/u,
    ],
    ['lacks a column', `SELECT time, load FROM (${hours})`, /none named flow/u],
    [
      'has no row',
      `SELECT * FROM (${hours}) WHERE load < 0`,
      /expected rows in dataset\/bad\.parquet, got none/u,
    ],
  ])('that %s is given up with a word on it', async (_name, query, message) => {
    expect(await forecast('bad.parquet', await parquetOf(query))).toMatch(message);
  });

  it('that is none is given up with its place', async () => {
    expect(await forecast('no.parquet', 'time,load\n')).toBe(
      'expected a Parquet file at dataset/no.parquet, got something else',
    );
  });
});
