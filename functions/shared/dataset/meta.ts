import { SCALER_KINDS } from '@flts/model-runtime';
import { z } from 'zod';
import { DATE_FORMATS, DUPLICATE_RULES, FILL_METHODS, RESAMPLE_METHODS } from './rules.ts';

/** Steps of calendar months; absent where steps are of milliseconds, as in data sets of before. */
const months = z.object({ count: z.number().int().min(1), day: z.number().int().min(1).max(31) }).optional();
const rowRange = z.object({ start: z.number().int().min(0), end: z.number().int().min(0) });

export const scalerShape = z.object({
  format: z.literal('flts-scaler/1'),
  kind: z.enum(SCALER_KINDS),
  columns: z.record(z.string(), z.object({ offset: z.number(), scale: z.number() })),
});

/**
 * meta.json: written last, its presence means that the processed dataset is complete.
 * Segments count rows of train.parquet followed by test.parquet. Roles, calendar, frequency and scaler are also in
 * the Parquet files' metadata.
 */
export const datasetMeta = z.object({
  v: z.literal(1),
  identifier: z.string(),
  config_hash: z.string(),
  /** The canonical object that config_hash is the hash of. */
  config: z.record(z.string(), z.unknown()),
  source: z.object({ bucket: z.string(), object: z.string(), etag: z.string(), size: z.number() }),
  test_source: z
    .object({ bucket: z.string(), object: z.string(), etag: z.string(), size: z.number() })
    .nullable(),
  /** Which rows of the source these are; absent: all. */
  group: z.object({ column: z.string(), value: z.string() }).optional(),
  data_hash: z.string(),
  rows: z.object({
    train: z.number().int(),
    test: z.number().int(),
    inserted: z.number().int(),
    dropped: z.number().int(),
    /** Rows that are none of their own because another has the same timestamp. */
    duplicates: z.number().int().optional(),
    imputed_cells: z.number().int(),
  }),
  /** Of the source: what index the timestamps came from. */
  index_column: z.string(),
  roles: z.object({ targets: z.array(z.string()), past: z.array(z.string()), future: z.array(z.string()) }),
  calendar: z.object({
    timeZone: z.string(),
    features: z.array(z.string()),
    months,
    holidays: z.array(z.string()).optional(),
  }),
  /** What was derived from the targets; absent: nothing. */
  history: z
    .object({ lags: z.array(z.number().int().min(1)), means: z.array(z.number().int().min(2)) })
    .optional(),
  frequency: z.object({ stepMs: z.number().positive(), businessDays: z.boolean(), months }),
  seasonal_periods: z.array(z.number().int().min(1)),
  segments: z.object({ fit: rowRange, validate: rowRange, select: rowRange, test: rowRange }),
  scaler: scalerShape,
  /** Imputation that serving repeats: null cells of a request are filled as these were. */
  imputation: z.object({
    enabled: z.boolean(),
    /** Absent: neighbours. */
    method: z.enum(FILL_METHODS).optional(),
    neighbours: z.number().int().min(1),
    means: z.record(z.string(), z.number()),
  }),
  /** What became of rows with the same timestamp; absent: the last stayed. */
  duplicates: z.enum(DUPLICATE_RULES).optional(),
  /** How times were read that could be read in two ways; absent: they were refused. */
  date_format: z.enum(DATE_FORMATS).optional(),
  /** How rows became intervals; absent where they did not. */
  resampling: z
    .object({
      stepMs: z.number().positive(),
      businessDays: z.boolean().optional(),
      months: z.number().int().min(1).optional(),
      methods: z.record(z.string(), z.enum(RESAMPLE_METHODS)),
    })
    .optional(),
  /** Bounds that serving moves values of a request to, as preprocess did; absent where nothing is clipped. */
  clipping: z
    .object({
      bounds: z.record(z.string(), z.object({ lower: z.number(), upper: z.number() })),
      /** Cells that were moved. */
      cells: z.number().int(),
    })
    .optional(),
});
export type DatasetMeta = z.infer<typeof datasetMeta>;
