import type { Columns, RuntimePool, Series } from '@flts/model-runtime';
import { DataError } from '../shared/errors.ts';
import type { PredictedRows } from '../shared/serving/result-line.ts';
import type { RunModel } from '../shared/serving/run-model.ts';
import type { ClaimRows } from './claim-rows.ts';
import { tilesOf, type Tile } from './tiles.ts';

export interface ForecastOfClaim {
  readonly claimRows: ClaimRows;
  readonly model: RunModel;
  /** INFERENCE_MAX_WINDOWS */
  readonly maxWindows: number;
  /** bucket/key, for errors. */
  readonly place: string;
}

/**
 * Forecasts a claim window by window: the tiles that end at a known row, then once beyond the end.
 * @throws DataError rows_insufficient, naming the number of rows needed
 */
export async function forecastRows(
  { claimRows: { series, rows }, model, maxWindows, place }: ForecastOfClaim,
  pool: RuntimePool,
): Promise<PredictedRows> {
  const { horizon, info } = model;
  const contextRows = Math.max(1, info.contextRows);
  const tiles = tilesOf({ block: series.block, rows, contextRows, horizon, most: maxWindows });
  if (tiles.length === 0)
    throw new DataError(
      'rows_insufficient',
      `expected at least ${contextRows} rows without a gap at the end of ${place}, got ${rows.end - rows.start}`,
    );
  const whole = tiles.filter(({ origin, steps }) => steps === horizon && origin + steps <= rows.end);
  const parts = [await wholeTiles(whole, { series, model }, pool)];
  for (const tile of tiles.filter((each) => !whole.includes(each)))
    parts.push(await singleTile(tile, { series, model, end: rows.end }, pool));
  return joinInTimeOrder(parts, info.roles.targets);
}

interface Ground {
  readonly series: Series;
  readonly model: RunModel;
}

/** All windows whose rows are there, in one call. */
async function wholeTiles(
  tiles: readonly Tile[],
  { series, model }: Ground,
  pool: RuntimePool,
): Promise<PredictedRows> {
  const { horizon, files, scaler, runId: modelKey, info } = model;
  const origins = Int32Array.from(tiles, ({ origin }) => origin);
  const { values } =
    tiles.length === 0
      ? { values: {} }
      : await pool.backtest({ files, modelKey, scaler, series, origins, horizon });
  const rowOf = [...origins].flatMap((origin) => Array.from({ length: horizon }, (_, step) => origin + step));
  return {
    ts: Float64Array.from(rowOf, (row) => series.ts[row] ?? Number.NaN),
    step: Int32Array.from(rowOf, (_, index) => (index % horizon) + 1),
    predicted: values,
    actual: pick(info.roles.targets, (name) =>
      Float64Array.from(rowOf, (row) => series.actual[name]?.[row] ?? Number.NaN),
    ),
  };
}

/** A window that reaches past the rows that are there. */
async function singleTile(
  { origin, steps }: Tile,
  { series, model, end }: Ground & { readonly end: number },
  pool: RuntimePool,
): Promise<PredictedRows> {
  const { files, scaler, runId: modelKey, info } = model;
  const from = Math.max(0, origin - Math.max(1, info.contextRows));
  const columns = pick(Object.keys(series.columns), (name) => sliced(series.columns, name, from, origin));
  const context = { ts: series.ts.slice(from, origin), columns };
  const given = info.roles.future.filter((name) => !info.calendar.features.includes(name));
  const future = pick(given, (name) => sliced(series.columns, name, origin, Math.min(end, origin + steps)));
  const { ts, values } = await pool.forecast({ files, modelKey, scaler, context, future, steps });
  return {
    ts,
    step: Int32Array.from({ length: steps }, (_, index) => index + 1),
    predicted: values,
    actual: pick(info.roles.targets, (name) =>
      Float64Array.from({ length: steps }, (_, index) =>
        origin + index < end ? (series.actual[name]?.[origin + index] ?? Number.NaN) : Number.NaN,
      ),
    ),
  };
}

function sliced(columns: Columns, name: string, start: number, end: number): Float64Array {
  return (columns[name] ?? new Float64Array()).slice(start, end);
}

function pick(names: readonly string[], make: (name: string) => Float64Array): Columns {
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}

function joinInTimeOrder(parts: readonly PredictedRows[], targets: readonly string[]): PredictedRows {
  const index = parts
    .flatMap((part, nth) => [...part.ts.keys()].map((row) => ({ nth, row, at: part.ts[row] ?? 0 })))
    .toSorted((a, b) => a.at - b.at);
  const gather = (column: (part: PredictedRows) => ArrayLike<number> | undefined): number[] =>
    index.map(({ nth, row }) => column(parts[nth] ?? EMPTY)?.[row] ?? Number.NaN);
  return {
    ts: Float64Array.from(gather((part) => part.ts)),
    step: Int32Array.from(gather((part) => part.step)),
    predicted: pick(targets, (name) => Float64Array.from(gather((part) => part.predicted[name]))),
    actual: pick(targets, (name) => Float64Array.from(gather((part) => part.actual[name]))),
  };
}

const EMPTY: PredictedRows = {
  ts: new Float64Array(),
  step: new Int32Array(),
  predicted: {},
  actual: {},
};
