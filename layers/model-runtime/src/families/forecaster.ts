import type { Backtest, Columns, Forecast, ModelInfo, Scaler, Series } from '../types.ts';

export interface ForecastOf {
  readonly scaler: Scaler;
  /** Rows up to the origin, newest last. */
  readonly context: Pick<Series, 'ts' | 'columns'>;
  /** Known-future columns other than the calendar's, for the steps asked. */
  readonly future?: Columns;
  readonly steps: number;
}

export interface BacktestOf {
  readonly scaler: Scaler;
  readonly series: Series;
  /** The forecast from origin o uses rows before o and predicts rows o .. o + horizon - 1. */
  readonly origins: Int32Array;
  readonly horizon: number;
}

/** What every family offers: forecast(context up to the origin, known future, steps). */
export interface Forecaster {
  readonly info: ModelInfo;
  forecast(of: ForecastOf): Forecast;
  backtest(of: BacktestOf): Backtest;
  dispose(): void;
}
