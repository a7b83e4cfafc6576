export * from './types.ts';
export { RuntimeError, type RuntimeErrorCode } from './errors.ts';
export {
  fitColumn,
  fitScaler,
  IDENTITY,
  parseScaler,
  type FitOptions,
  type ScalerParameters,
} from './scaling/scaler.ts';
export { compensatedSum, compensatedSumOfPieces } from './scaling/compensated-sum.ts';
export { orderStatistics } from './scaling/order-statistics.ts';
export { squaredDeviations } from './scaling/moments.ts';
export { inOnePiece, type Piecewise } from './scaling/piecewise.ts';
export { quantiles } from './scaling/quantiles.ts';
export { CALENDAR_FEATURES, calendarColumns, HOLIDAY_FEATURE, nextTimestamps } from './calendar/calendar.ts';
export { givenNames, historyColumns, historyNames, historyRows, type HistoryOf } from './history/history.ts';
export { inputNames } from './windows/windows.ts';
export { commonOrigins, type CommonOriginsOf } from './evaluation/common-origins.ts';
export { fitStandardDeviations } from './evaluation/fit-std.ts';
export { promotionScore, scoreBacktest, type Errors, type Score, type ScoreOf } from './evaluation/score.ts';
export { readCheckpoint, type CheckpointInfo } from './checkpoints/read-checkpoint.ts';
export { trainModel, type TrainHooks } from './models/train.ts';
export { loadForecaster, readModelInfo, type LoadOptions } from './models/load.ts';
export type { BacktestOf, Forecaster, ForecastOf } from './models/forecaster.ts';
export { createRuntimePool, type PoolOptions, type RuntimePool, type TaskOptions } from './pool/pool.ts';
export { RUNTIME_VERSION } from './version.ts';
