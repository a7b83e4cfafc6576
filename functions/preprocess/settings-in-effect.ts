import { TIME_FEATURES } from '../shared/dataset/rules.ts';
import { preprocessSettings, type PreprocessSettings } from '../shared/settings.ts';
import { requireLagsInReach } from './steps/history.ts';
import { requireResampleFrequency } from './steps/resampling.ts';
import { sharesInForce } from './steps/segments.ts';

const DEFAULTS = preprocessSettings.parse({});

/**
 * The settings as they act: one that another switches off is at its default, SPLIT is written out, and lists whose
 * order changes nothing are sorted. Both the processing and config_hash go by these, so that equal hashes mean equal
 * output. @throws FltsError setting_invalid as sharesInForce, requireResampleFrequency, requireLagsInReach
 */
export function settingsInEffect(settings: PreprocessSettings, hasTestFile: boolean): PreprocessSettings {
  requireResampleFrequency(settings);
  requireLagsInReach(settings);
  return {
    ...settings,
    TIME_FEATURES: TIME_FEATURES.filter((name) => settings.TIME_FEATURES.includes(name)),
    ...switchedOff(settings, hasTestFile),
    SPLIT: [...sharesInForce(settings.SPLIT, hasTestFile)],
    SEASONAL_PERIODS: ascending(settings.SEASONAL_PERIODS),
    TRAILING_MEANS: ascending(settings.TRAILING_MEANS),
    TARGET_COLUMNS: sorted(settings.TARGET_COLUMNS),
    FUTURE_COLUMNS: sorted(settings.FUTURE_COLUMNS),
    ...resamplingInEffect(settings),
  };
}

function switchedOff(settings: PreprocessSettings, hasTestFile: boolean): Partial<PreprocessSettings> {
  const samples = settings.SAMPLE_TRAIN_ROWS > 0 || (hasTestFile && settings.SAMPLE_TEST_ROWS > 0);
  return {
    ...(hasTestFile ? {} : defaultsOf('SAMPLE_TEST_ROWS')),
    ...(samples ? {} : defaultsOf('SAMPLE_STRATEGY')),
    ...(samples && settings.SAMPLE_STRATEGY === 'random' ? {} : defaultsOf('SAMPLE_SEED')),
    ...(settings.HANDLE_NANS ? {} : defaultsOf('HANDLE_NANS_THRESHOLD', 'HANDLE_NANS_METHOD')),
    ...(settings.HANDLE_NANS && settings.HANDLE_NANS_METHOD === 'neighbours'
      ? {}
      : defaultsOf('HANDLE_NANS_NEIGHBOURS')),
    ...(['iqr', 'zscore'].includes(settings.CLIP_METHOD) ? {} : defaultsOf('CLIP_FACTOR')),
    ...(settings.CLIP_METHOD === 'quantile' ? {} : defaultsOf('CLIP_QUANTILES')),
    ...(settings.LAGS_N === 0 ? defaultsOf('LAGS_STEP') : {}),
    ...(settings.TIME_FEATURES_ENABLE ? {} : defaultsOf('TIME_FEATURES', 'TIME_ZONE', 'HOLIDAYS_COUNTRY')),
    // The other scalers take a mean, a median or a minimum away, and the constant with it.
    ...(['MaxAbsScaler', 'none'].includes(settings.SCALER) ? {} : defaultsOf('ADD_CONSTANT')),
  };
}

/** A list that says of columns what RESAMPLE_METHOD says of all adds nothing. */
function resamplingInEffect(settings: PreprocessSettings): Partial<PreprocessSettings> {
  const resamples = settings.REGULARISE === 'resample';
  const { RESAMPLE_METHOD: method } = resamples ? settings : DEFAULTS;
  return {
    RESAMPLE_METHOD: method,
    RESAMPLE_MEAN_COLUMNS: resamples && method !== 'mean' ? sorted(settings.RESAMPLE_MEAN_COLUMNS) : [],
    RESAMPLE_LAST_COLUMNS: resamples && method !== 'last' ? sorted(settings.RESAMPLE_LAST_COLUMNS) : [],
    RESAMPLE_SUM_COLUMNS: resamples && method !== 'sum' ? sorted(settings.RESAMPLE_SUM_COLUMNS) : [],
  };
}

function defaultsOf(...names: readonly (keyof PreprocessSettings)[]): Partial<PreprocessSettings> {
  return Object.fromEntries(names.map((name) => [name, DEFAULTS[name]]));
}

function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].toSorted((a, b) => a - b);
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted();
}
