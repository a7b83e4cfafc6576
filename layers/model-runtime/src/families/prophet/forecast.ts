import { nextTimestamps } from '../../calendar/calendar.ts';
import { periodTimes } from '../../calendar/months.ts';
import { cosineTurn, sineTurn } from '../../calendar/turn.ts';
import { RuntimeError } from '../../errors.ts';
import type { ModelInfo } from '../../types.ts';
import type { Forecaster } from '../forecaster.ts';

const DAY_MS = 86_400_000;

export interface Seasonality {
  /** Days. */
  readonly period: number;
  readonly order: number;
}

/** All that a forecast of one target needs, in the model's own scale. */
export interface ProphetParameters {
  /** Epoch ms of scaled time 0, and the length of scaled time 1. */
  readonly start: number;
  readonly span: number;
  /** y = scaled * yScale */
  readonly yScale: number;
  readonly k: number;
  readonly m: number;
  readonly changes: readonly number[];
  readonly delta: readonly number[];
  readonly seasonalities: readonly Seasonality[];
  readonly beta: readonly number[];
}

/** sin and cos of 2 pi n t / P for n = 1 .. order, time in days since 1970 (equation 5). */
export function fourierRow(time: number, seasonalities: readonly Seasonality[]): number[] {
  const days = time / DAY_MS;
  return seasonalities.flatMap(({ period, order }) =>
    Array.from({ length: order }, (_, index) => ((index + 1) * days) / period).flatMap((turn) => [
      sineTurn(turn),
      cosineTurn(turn),
    ]),
  );
}

/** g(t) + s(t) in original units (equations 1, 4 and 6). */
export function prophetAt(parameters: ProphetParameters, time: number): number {
  const { start, span, yScale, k, m, changes, delta, seasonalities, beta } = parameters;
  const t = (time - start) / span;
  let rate = k;
  let offset = m;
  for (const [index, change] of changes.entries()) {
    if (t < change) break;
    const step = delta[index] ?? 0;
    rate += step;
    offset -= change * step;
  }
  const season = fourierRow(time, seasonalities).reduce(
    (sum, term, index) => sum + term * (beta[index] ?? 0),
    0,
  );
  return (rate * t + offset + season) * yScale;
}

/** Forecasts from timestamps alone. */
export function prophetForecaster(
  byTarget: Readonly<Record<string, ProphetParameters>>,
  info: ModelInfo,
): Forecaster {
  const at = (ts: Float64Array): Record<string, Float64Array> =>
    Object.fromEntries(
      Object.entries(byTarget).map(([target, parameters]) => [
        target,
        periodTimes(ts, info.frequency).map((time) => prophetAt(parameters, time)),
      ]),
    );
  return {
    info,
    forecast: ({ context, steps }) => {
      const last = context.ts[context.ts.length - 1];
      if (last === undefined)
        throw new RuntimeError(
          'insufficient_rows',
          'expected at least 1 row, whose time the forecast follows, got 0',
        );
      const ts = nextTimestamps(last, info.frequency, steps);
      return { ts, values: at(ts), recursiveFromStep: null };
    },
    backtest: ({ series, origins, horizon }) => {
      const ts = new Float64Array(origins.length * horizon);
      for (const [index, origin] of origins.entries())
        ts.set(series.ts.subarray(origin, origin + horizon), index * horizon);
      return { values: at(ts) };
    },
    dispose: () => {},
  };
}
