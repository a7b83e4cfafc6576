import { DuckDBInstance } from '@duckdb/node-api';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Rows of the source grid: 1 January to 30 June 2001, by the hour. */
const HOURS = 4344;
/** The last 14 days are held back as the test file. */
export const TEST_HOURS = 14 * 24;

export const DEMO_IDENTIFIER = 'us-flights';

/** Settings of the demo; everything else keeps its default. */
export const DEMO_CONFIG = {
  INPUT_SEQ_LEN: 24,
  OUTPUT_SEQ_LEN: 24,
  HIDDEN_SIZE: 64,
  EPOCHS: 15,
  BATCH_SIZE: 16,
  LEARNING_RATE: 0.01,
  SEASONAL_PERIODS: [24, 168],
};

export interface DemoData {
  readonly columns: readonly string[];
  readonly trainCsv: string;
  readonly testCsv: string;
  /** The held-back rows: time (ISO) and values by column, null where none. */
  readonly test: readonly Readonly<Record<string, string | number | null>>[];
}

/**
 * US air traffic by the hour: departures in all and from the five largest hubs, mean delay (minutes) and the share
 * delayed over 15 minutes, from the 3,000,000 flights of January to June 2001 that the package vega-datasets carries
 * (US Bureau of Transportation Statistics, public domain).
 */
export async function demoData(): Promise<DemoData> {
  // The package exports its entry alone; the data lies beside it.
  const entry = createRequire(import.meta.url).resolve('vega-datasets');
  const file = join(dirname(entry), '..', 'data', 'flights-3m.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const connection = await instance.connect();
    const hubs = await connection.runAndReadAll(
      `SELECT origin FROM read_parquet('${file}') GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 5`,
    );
    const names = hubs.getRowsJson().flatMap(([name]) => (typeof name === 'string' ? [name] : []));
    const rows = await connection.runAndReadAll(hourlyQuery(file, names));
    return split(rows.getRowObjectsJson().map(toRow));
  } finally {
    instance.closeSync();
  }
}

function hourlyQuery(file: string, hubs: readonly string[]): string {
  const perHub = hubs
    .map((hub) => `coalesce(f.departures_${hub.toLowerCase()}, 0) AS departures_${hub.toLowerCase()}`)
    .join(', ');
  const counts = hubs
    .map((hub) => `count(*) FILTER (WHERE origin = '${hub}') AS departures_${hub.toLowerCase()}`)
    .join(', ');
  return `
    WITH grid AS (SELECT unnest(generate_series(TIMESTAMP '2001-01-01', TIMESTAMP '2001-06-30 23:00', INTERVAL 1 HOUR)) AS time),
    f AS (
      SELECT date_trunc('hour', date) AS time, count(*) AS departures, ${counts},
        round(avg(delay), 3) AS mean_delay, round(avg((delay > 15)::INT), 4) AS delayed_share
      FROM read_parquet('${file}') GROUP BY 1
    )
    SELECT strftime(grid.time, '%Y-%m-%dT%H:%M:%SZ') AS time, coalesce(f.departures, 0) AS departures, ${perHub}, f.mean_delay, f.delayed_share
    FROM grid LEFT JOIN f USING (time) ORDER BY time`;
}

function toRow(row: Readonly<Record<string, unknown>>): Record<string, string | number | null> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      name === 'time' ? String(value) : value === null ? null : Number(value),
    ]),
  );
}

function split(rows: Record<string, string | number | null>[]): DemoData {
  if (rows.length !== HOURS) throw new RangeError(`expected ${HOURS} hours of flights, got ${rows.length}`);
  const columns = Object.keys(rows[0] ?? {});
  const csv = (part: typeof rows): string =>
    [columns.join(','), ...part.map((row) => columns.map((name) => row[name] ?? '').join(','))].join('\n') +
    '\n';
  const test = rows.slice(-TEST_HOURS);
  return {
    columns: columns.filter((name) => name !== 'time'),
    trainCsv: csv(rows.slice(0, -TEST_HOURS)),
    testCsv: csv(test),
    test,
  };
}
