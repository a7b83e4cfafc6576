import { calendarColumns } from '../calendar/calendar.ts';
import { createRandom } from '../random.ts';
import { fitScaler } from '../scaling/scaler.ts';
import type { Calendar, ModelType, Series, TrainSettings, TrainTask } from '../types.ts';

const HOUR_MS = 3_600_000;

export const SETTINGS: TrainSettings = {
  inputSeqLen: 12,
  outputSeqLen: 4,
  epochs: 2,
  batchSize: 16,
  learningRate: 0.01,
  hiddenSize: 6,
  numLayers: 1,
  earlyStopping: true,
  earlyStoppingPatience: 5,
  seed: 7,
  backend: 'wasm',
};

/** Hours with a daily season in two targets; the second is the first, mirrored and smaller. */
export function seasonalSeries(rows: number): Series {
  const random = createRandom(3);
  const ts = Float64Array.from({ length: rows }, (_, row) => Date.UTC(2024, 0, 1) + row * HOUR_MS);
  const load = ts.map((_, row) => 100 + 40 * Math.sin((2 * Math.PI * row) / 24) + 4 * (random() - 0.5));
  const cold = load.map((value) => 30 - value / 10);
  return {
    ts,
    block: new Int32Array(rows),
    columns: { load, cold, ...calendarColumns(ts, CALENDAR) },
    actual: { load, cold },
  };
}

export const CALENDAR: Calendar = { timeZone: 'UTC', features: ['minute_of_day_sin', 'minute_of_day_cos'] };

/** 70 % fit, 10 % each of validate, select and test. */
export function taskOf(
  modelType: ModelType,
  series: Series,
  settings: Partial<TrainSettings> = {},
): TrainTask {
  const cut = (share: number): number => Math.floor(series.ts.length * share);
  const fit = { start: 0, end: cut(0.7) };
  return {
    modelType,
    series,
    segments: {
      fit,
      validate: { start: cut(0.7), end: cut(0.8) },
      select: { start: cut(0.8), end: cut(0.9) },
      test: { start: cut(0.9), end: series.ts.length },
    },
    roles: { targets: ['load', 'cold'], past: [], future: CALENDAR.features },
    scaler: fitScaler('StandardScaler', series.columns, { rows: fit, passthrough: CALENDAR.features }),
    calendar: CALENDAR,
    frequency: { stepMs: HOUR_MS, businessDays: false },
    seasonalPeriods: [12, 24],
    settings: { ...SETTINGS, ...settings },
  };
}
