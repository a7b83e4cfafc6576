import { z } from 'zod';
import type { TrainedModel, TrainTask } from '../../types.ts';
import { checked, infoOf, jsonFiles, type Family, type TrainHooks } from '../family.ts';
import { fitEachTarget } from '../fit-each-target.ts';
import { modelInfo } from '../model-json.ts';
import { periodTimes } from '../../calendar/months.ts';
import type { ProphetParameters } from './forecast.ts';

const FORMAT = 'flts-prophet/1';
const MOST_TERMS = 1000;
const numbers = z.array(z.number());

const parameters = z
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

const prophetJson = z
  .object({
    info: modelInfo.extend({ modelType: z.literal('PROPHET') }),
    parameters: z.record(z.string(), parameters),
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

export const prophet: Family = {
  type: 'PROPHET',
  summary: 'A piecewise linear trend and Fourier seasons (Taylor and Letham 2018), from times alone.',
  version: 1,
  shares: ['calendar'],
  settings: ['seed'],
  fits: 'each target by itself',
  leastRows: () => 2,
  // More rows take minutes a target, and the optimiser's memory.
  seconds: ({ rows, targets }) => (rows < 20 || rows > 50_000 ? undefined : targets * (0.2 + rows / 4000)),
  trainer: 'train-prophet',
  format: FORMAT,
  readInfo: (json) => checked(prophetJson, json).info,
  fit: fitTargets,
  load: async (json) => {
    const { info, parameters: byTarget } = checked(prophetJson, json);
    const { prophetForecaster } = await import('./forecast.ts');
    return prophetForecaster(byTarget, info);
  },
};

/** One "epoch" a target, of the rows of fit and validate. */
async function fitTargets(task: TrainTask, hooks: TrainHooks): Promise<TrainedModel> {
  const { fitProphet } = await import('./fit.ts');
  const { series, segments, roles, settings } = task;
  const { start } = segments.fit;
  const { end } = segments.validate;
  const byTarget: Record<string, ProphetParameters> = {};
  const history = await fitEachTarget(roles.targets, hooks, async (target) => {
    byTarget[target] = await fitProphet(
      periodTimes(series.ts.subarray(start, end), task.frequency),
      (series.actual[target] ?? new Float64Array()).subarray(start, end),
      settings.seed,
    );
  });
  return {
    modelType: 'PROPHET',
    files: jsonFiles({ format: FORMAT, info: infoOf(task, 0), parameters: byTarget }),
    params: { fits: roles.targets.length },
    history,
  };
}
