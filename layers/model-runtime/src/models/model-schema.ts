import { z } from 'zod';
import { CALENDAR_FEATURES, HOLIDAY_FEATURE } from '../calendar/calendar.ts';
import { BASELINE_TYPES, NETWORK_TYPES } from '../types.ts';

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

const names = z.array(z.string());
const numbers = z.array(z.number());
const info = z.object({
  contextRows: z.number().int().min(0),
  horizon: z.number().int().min(1).nullable(),
  roles: z.object({ targets: names.min(1), past: names, future: names }),
  calendar: z.object({
    timeZone: z.string().refine(isTimeZone, 'expected the IANA name of a time zone'),
    features: z.array(z.enum([...CALENDAR_FEATURES, HOLIDAY_FEATURE])),
    holidays: z.array(z.iso.date()).optional(),
  }),
  history: z
    .object({ lags: z.array(z.number().int().min(1)), means: z.array(z.number().int().min(2)) })
    .optional(),
  frequency: z.object({ stepMs: z.number().positive(), businessDays: z.boolean() }),
});

/** model.json of NAIVE, SEASONAL_NAIVE and MEAN_WINDOW. */
export const baselineJson = z.object({
  info: info.extend({ modelType: z.enum(BASELINE_TYPES) }),
  parameters: z.object({ season: z.number().int().min(0), window: z.number().int().min(1) }),
});

const MOST_TERMS = 1000;
const prophetParameters = z
  .object({
    start: z.number(),
    span: z.number().positive(),
    yScale: z.number(),
    k: z.number(),
    m: z.number(),
    changes: numbers,
    delta: numbers,
    seasonalities: z.array(
      z.object({ period: z.number().positive(), order: z.number().int().min(1).max(MOST_TERMS) }),
    ),
    beta: numbers,
  })
  .refine(({ changes, delta }) => delta.length === changes.length, 'expected a delta for each change')
  .refine(
    ({ seasonalities, beta }) => beta.length === seasonalities.reduce((sum, { order }) => sum + 2 * order, 0),
    'expected two betas for each order of a seasonality',
  );

/** model.json of PROPHET. */
export const prophetJson = z
  .object({
    info: info.extend({ modelType: z.literal('PROPHET') }),
    parameters: z.record(z.string(), prophetParameters),
  })
  .superRefine((model, context) => {
    for (const target of model.info.roles.targets) {
      if (!Object.hasOwn(model.parameters, target))
        context.addIssue({
          code: 'custom',
          path: ['parameters', target],
          message: 'expected a fit, got none',
        });
    }
  });

export const weight = z.looseObject({
  name: z.string(),
  shape: z.array(z.number().int().min(0)),
  dtype: z.literal('float32'),
});

/** model.json of a network: the parts of a TF.js LayersModel that are read here. */
export const networkJson = z.object({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(z.object({ weights: z.array(weight) })),
  userDefinedMetadata: z.object({
    flts: info.extend({
      modelType: z.enum(NETWORK_TYPES),
      horizon: z.number().int().min(1),
      fastMath: z.boolean().optional(),
    }),
  }),
});
export type NetworkJson = z.infer<typeof networkJson>;

/** What every family says of itself. */
export const anyInfo = z.object({
  info: z.union([baselineJson.shape.info, info.extend({ modelType: z.literal('PROPHET') })]),
});
