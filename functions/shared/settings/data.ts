// Settings that shape the processed data: all of them are in config_hash.
import { z } from 'zod';
import {
  DATE_FORMATS,
  DUPLICATE_SETTINGS,
  FILL_METHODS,
  LARGEST_NUMBER,
  RESAMPLE_METHODS,
  TIME_FEATURES,
} from '../dataset/rules.ts';
import {
  ascending,
  both,
  flag,
  integer,
  listOf,
  names,
  positive,
  setting,
  sorted,
  unless,
  where,
  type Condition,
} from './setting.ts';

const withTestFile: Condition = {
  says: 'there is a test file',
  holds: (_settings, hasTestFile) => hasTestFile,
};
const samples: Condition = {
  says: '`SAMPLE_TRAIN_ROWS` is above 0, or `SAMPLE_TEST_ROWS` with a test file',
  holds: ({ SAMPLE_TRAIN_ROWS: train, SAMPLE_TEST_ROWS: test }, hasTestFile) =>
    Number(train) > 0 || (hasTestFile && Number(test) > 0),
};
const resamples = where('REGULARISE', 'resample');

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

/** What becomes of a column when rows become one; a list that says what RESAMPLE_METHOD says of all adds nothing. */
const resampled = (method: string) =>
  setting({
    schema: names.default([]),
    says: `Columns that are resampled by their ${method}, whatever \`RESAMPLE_METHOD\` is.`,
    when: both(resamples, unless('RESAMPLE_METHOD', method)),
    canonical: sorted,
  });

export const DATA_SETTINGS = {
  TARGET_COLUMNS: setting({
    schema: names.default([]),
    says: 'Columns to forecast; empty: every numeric column.',
    canonical: sorted,
  }),
  FUTURE_COLUMNS: setting({
    schema: names.default([]),
    says: 'Columns whose values are known for the steps to come, and are given with a request.',
    canonical: sorted,
  }),
  INDEX_COLUMN: setting({ schema: z.string().default(''), says: 'The time column; empty: found.' }),
  GROUP_COLUMN: setting({
    schema: z.string().default(''),
    says: 'The column by whose values a file is split into identifiers `<file>-<value>`; empty: a file is one series.',
  }),
  DATE_FORMAT: setting({
    schema: z.enum(DATE_FORMATS).default(''),
    says: 'What times mean that could be read in two ways, like 01/02/2024 or 202401311200; empty: no such time is taken.',
    isLater: true,
  }),
  DECIMAL: setting({
    schema: z.enum(['', '.', ',']).default(''),
    says: 'The decimal sign of CSV files; empty: each column’s, where all its numbers allow one alone.',
    isLater: true,
  }),
  DELIMITER: setting({
    schema: z.enum(['', ',', ';', 'tab', '|']).default(''),
    says: 'What parts the cells of CSV files; empty: found among , ; and tab.',
    isLater: true,
  }),
  MISSING_VALUES: setting({
    schema: names.default([]),
    says: 'Words or numbers, like closed or -999, that stand for a missing cell besides the usual ones, in any case.',
    canonical: (words) => sorted(words.map((word) => word.toLowerCase())),
    isLater: true,
  }),
  ENCODING: setting({
    schema: z.enum(['', 'utf-8', 'utf-16le', 'utf-16be', 'windows-1252']).default(''),
    says: 'How text files are encoded; empty: found.',
    isLater: true,
  }),
  FREQUENCY: setting({
    schema: z
      .string()
      .regex(
        /^$|^(?:[1-9]\d*)?(?:[shdwSTHDW]|min|MS?|ME|[QYA]S?|[QY]E)$|^(?:[1-9]\d*)?W-(?:MON|TUE|WED|THU|FRI|SAT|SUN)$|^(?:[1-9]\d*)?(?:[QYA]S?|[QY]E)-(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)$|^1?B$/u,
        'expected a count and s, min, h, d, w, MS, ME, QS, QE, YS or YE, like 15min, MS or W-SUN, or B',
      )
      .default(''),
    says: 'Time from row to row: 1h, 15min, 1d, W-SUN, 1B (business days), MS or ME (months), QS, QE-NOV, YS, … as pandas names them; empty: inferred from the fit rows.',
  }),
  REGULARISE: setting({
    schema: z.enum(['auto', 'resample', 'off']).default('auto'),
    says: 'auto: missing rows are inserted; resample: rows become one for each interval of `FREQUENCY`, which has to be given; off: rows are taken as they come.',
  }),
  RESAMPLE_METHOD: setting({
    schema: z.enum(RESAMPLE_METHODS).default('mean'),
    says: 'What becomes of the values of an interval.',
    when: resamples,
  }),
  RESAMPLE_MEAN_COLUMNS: resampled('mean'),
  RESAMPLE_LAST_COLUMNS: resampled('last'),
  RESAMPLE_SUM_COLUMNS: resampled('sum'),
  SEASONAL_PERIODS: setting({
    schema: listOf(integer(1)).default([]),
    says: 'Lengths of seasons; empty: found in the fit rows.',
    unit: 'rows',
    canonical: ascending,
  }),
  TIME_FEATURES_ENABLE: setting({
    schema: flag.default(true),
    says: 'Makes inputs of the calendar: `TIME_FEATURES` and holidays.',
  }),
  TIME_FEATURES: setting({
    schema: listOf(z.enum(TIME_FEATURES), 1).default(['minute_of_day', 'day_of_week', 'day_of_year']),
    says: `Which of ${TIME_FEATURES.join(', ')}; each as sine and cosine.`,
    when: where('TIME_FEATURES_ENABLE', true),
    canonical: (chosen) => TIME_FEATURES.filter((name) => chosen.includes(name)),
    isLater: true,
  }),
  TIME_ZONE: setting({
    schema: z.string().refine(isTimeZone, 'expected the IANA name of a time zone').default('UTC'),
    says: 'IANA name of the zone whose calendar the features go by.',
    when: where('TIME_FEATURES_ENABLE', true),
  }),
  HOLIDAYS_COUNTRY: setting({
    schema: z
      .string()
      .regex(
        /^$|^[A-Z]{2}(?:-[A-Z0-9]{1,3}){0,2}$/u,
        'expected a country, state or region like ES, ES-CT or DE-BY-A',
      )
      .default(''),
    says: 'A country, state or region, like ES, ES-CT, DE-BY-A, whose public holidays are a feature; empty: none are.',
    when: where('TIME_FEATURES_ENABLE', true),
    isLater: true,
  }),
  SPLIT: setting({
    schema: listOf(z.coerce.number().positive().max(1)).default([]),
    says: 'Shares of fit, validate, select and (without a test file) test; empty: .7,.1,.1,.1, with a test file .8,.1,.1.',
  }),
  SCALER: setting({
    schema: z
      .enum(['MinMaxScaler', 'StandardScaler', 'RobustScaler', 'MaxAbsScaler', 'none'])
      .default('StandardScaler'),
    says: 'How columns are scaled for networks, by figures of the fit rows.',
  }),
  ADD_CONSTANT: setting({
    schema: z.coerce.number().min(-LARGEST_NUMBER).max(LARGEST_NUMBER).default(0),
    says: 'Added to what networks see and learn before it is divided by the scale, and taken away from what they answer.',
    // The other scalers take a mean, a median or a minimum away, and the constant with it.
    when: where('SCALER', 'MaxAbsScaler', 'none'),
    isLater: true,
  }),
  HANDLE_NANS: setting({ schema: flag.default(true), says: 'Fills missing cells of model inputs.' }),
  HANDLE_NANS_THRESHOLD: setting({
    schema: z.coerce.number().min(0).max(1).default(0.33),
    says: 'Share of missing cells above which a row is dropped.',
    when: where('HANDLE_NANS', true),
  }),
  HANDLE_NANS_METHOD: setting({
    schema: z.enum(FILL_METHODS).default('neighbours'),
    says: 'neighbours: the distance-weighted mean of the last known values; ffill: the last one; mean: that of the fit rows.',
    when: where('HANDLE_NANS', true),
  }),
  HANDLE_NANS_NEIGHBOURS: setting({
    schema: integer(1).default(2),
    says: 'How many known values neighbours means.',
    unit: 'values',
    when: both(where('HANDLE_NANS', true), where('HANDLE_NANS_METHOD', 'neighbours')),
  }),
  HANDLE_DUPLICATES: setting({
    schema: z.enum(DUPLICATE_SETTINGS).default('auto'),
    says: 'Of rows with the same time: the last of the file, the mean of each column, or an error; auto: the last, but an error where more than a twentieth of the rows would go or a column of text tells them apart.',
    // What auto makes is what last made before there was auto. Whoever asks for last gets it of any file.
    hashed: (rule) => (rule === 'auto' ? 'last' : rule === 'last' ? 'last of any' : rule),
  }),
  CLIP_METHOD: setting({
    schema: z.enum(['none', 'iqr', 'zscore', 'quantile']).default('none'),
    says: 'Bounds of model inputs, from the known values of the fit rows; the truth is never clipped.',
  }),
  CLIP_FACTOR: setting({
    schema: positive.default(1.5),
    says: 'iqr: quartile ranges beyond the quartiles; zscore: standard deviations from the mean.',
    when: where('CLIP_METHOD', 'iqr', 'zscore'),
  }),
  CLIP_QUANTILES: setting({
    schema: listOf(z.coerce.number().min(0).max(1))
      .refine((shares) => shares.length === 2, 'expected two shares')
      .refine(([lower = 0, upper = 0]) => lower < upper, 'expected a lower share before a higher one')
      .default([0.01, 0.99]),
    says: 'Shares of the fit values at the lower and the upper bound.',
    when: where('CLIP_METHOD', 'quantile'),
  }),
  LAGS_N: setting({
    schema: integer(0, 500).default(0),
    says: 'How many past values of each target are inputs of their own: `LAGS_STEP`, 2 x `LAGS_STEP`, … rows before.',
    unit: 'lags',
  }),
  LAGS_STEP: setting({
    schema: integer(1, 10_000).default(1),
    says: 'Rows from lag to lag.',
    unit: 'rows',
    when: unless('LAGS_N', 0),
  }),
  TRAILING_MEANS: setting({
    schema: listOf(integer(2, 10_000)).default([]),
    says: 'Means of each target over so many rows up to and including each are inputs.',
    unit: 'rows',
    canonical: ascending,
    isLater: true,
  }),
  SAMPLE_TRAIN_ROWS: setting({
    schema: integer(0).default(0),
    says: 'How many rows of the training file are taken; 0: all.',
    unit: 'rows',
  }),
  SAMPLE_TEST_ROWS: setting({
    schema: integer(0).default(0),
    says: 'How many rows of the test file are taken; 0: all.',
    unit: 'rows',
    when: withTestFile,
  }),
  SAMPLE_STRATEGY: setting({
    schema: z.enum(['head', 'tail', 'random']).default('head'),
    says: 'Which rows are taken: the first, the last, or one block at random.',
    when: samples,
  }),
  SAMPLE_SEED: setting({
    schema: integer(0).default(42),
    says: 'Decides where a random block begins.',
    when: both(samples, where('SAMPLE_STRATEGY', 'random')),
  }),
  EXTRA_HASH_SALT: setting({
    schema: z.string().default(''),
    says: 'Makes another data set of the same data and settings.',
  }),
};
