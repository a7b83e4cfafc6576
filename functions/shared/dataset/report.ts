import { z } from 'zod';

export const reportKey = (identifier: string, configHash: string): string =>
  `${identifier}/${configHash}/report.json`;

const columnReport = z.object({
  role: z.enum(['target', 'past', 'future']),
  type: z.enum(['constant', 'binary', 'integer', 'real']),
  /** Of known cells, before anything is clipped. */
  min: z.number(),
  max: z.number(),
  /** Cells that rows of the source miss. */
  missing: z.number().int(),
  /** Cells that were moved to a bound. */
  clipped: z.number().int(),
  /** Of the fit rows; null where there is nothing to tell it from. */
  stationarity: z.object({ kpss: z.number(), hint: z.enum(['stationary', 'not_stationary']) }).nullable(),
  /** For each season, of the fit rows: from 0, none, to 1, nothing else. */
  seasonality: z.array(z.object({ period: z.number().int(), strength: z.number() })),
});
export type ColumnReport = z.infer<typeof columnReport>;

const gap = z.object({
  /** Times of the rows at either side, which the source has. */
  after: z.string(),
  before: z.string(),
  /** Rows that are missing between them; null where they lie on no common grid. */
  rows: z.number().int().nullable(),
  /** Whether rows were inserted; else a block ends there. */
  filled: z.boolean(),
});
export type Gap = z.infer<typeof gap>;

const understood = z.object({
  /** Stable name of what is told, like `delimiter` or `duplicates`. */
  about: z.string(),
  says: z.string(),
  /** Whether whoever uploaded the file should look at it: it is a warning in /status as well. */
  isSerious: z.boolean(),
});
/** One thing that was inferred or repaired. */
export type Understood = z.infer<typeof understood>;

/** report.json: what preprocess found in the data, for people; nothing that computes reads it. */
export const datasetReport = z.object({
  v: z.literal(1),
  config_hash: z.string(),
  data_hash: z.string(),
  time: z.object({
    column: z.string(),
    first: z.string(),
    last: z.string(),
    step_ms: z.number(),
    business_days: z.boolean(),
  }),
  rows: z.record(z.string(), z.number().int()),
  segments: z.record(z.string(), z.object({ rows: z.number().int(), first: z.string(), last: z.string() })),
  columns: z.record(z.string(), columnReport),
  gaps: z.object({ count: z.number().int(), /** The first hundred. */ first: z.array(gap) }),
  /** Everything that was inferred or repaired, in the order of the pipeline. */
  understood: z.array(understood).default([]),
});
export type DatasetReport = z.infer<typeof datasetReport>;
