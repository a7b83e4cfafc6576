import type { ModelType, Series, TrainTask } from '@flts/model-runtime';
import type { DatasetMeta } from '../dataset/meta.ts';
import type { ClaimSettings } from '../settings/settings.ts';
import { trainSettings } from './training-key.ts';

/** What model-runtime needs to train `modelType` on a processed dataset. */
export function trainTask(
  modelType: ModelType,
  meta: DatasetMeta,
  series: Series,
  settings: ClaimSettings,
): TrainTask {
  return {
    modelType,
    series,
    segments: meta.segments,
    roles: meta.roles,
    scaler: meta.scaler,
    calendar: meta.calendar,
    history: meta.history,
    frequency: meta.frequency,
    seasonalPeriods: meta.seasonal_periods,
    settings: trainSettings(settings),
  };
}
