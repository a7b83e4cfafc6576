import { z } from 'zod';
import { RuntimeError } from '../errors.ts';
import { useBackend } from '../tfjs/backend.ts';
import { BASELINE_TYPES, MODEL_TYPES, type ModelFile, type ModelInfo } from '../types.ts';
import { createBaseline } from './baselines.ts';
import type { Forecaster } from './forecaster.ts';
import { networkForecaster } from './network-forecaster.ts';
import { loadNetwork } from './network-files.ts';
import { prophetForecaster } from './prophet.ts';

const numbers = z.array(z.number());
const info = z.object({
  modelType: z.enum(MODEL_TYPES),
  contextRows: z.number().int().min(0),
  horizon: z.number().int().min(1).nullable(),
  roles: z.object({ targets: z.array(z.string()), past: z.array(z.string()), future: z.array(z.string()) }),
  calendar: z.object({ timeZone: z.string(), features: z.array(z.string()) }),
  frequency: z.object({ stepMs: z.number().positive(), businessDays: z.boolean() }),
});
const baseline = z.object({
  info,
  parameters: z.object({ season: z.number().int().min(0), window: z.number().int().min(1) }),
});
const prophetParameters = z.object({
  start: z.number(),
  span: z.number(),
  yScale: z.number(),
  k: z.number(),
  m: z.number(),
  changes: numbers,
  delta: numbers,
  seasonalities: z.array(z.object({ period: z.number(), order: z.number().int() })),
  beta: numbers,
});
const prophet = z.object({ info, parameters: z.record(z.string(), prophetParameters) });
const network = z.object({ userDefinedMetadata: z.object({ flts: info }) });

/** Nothing in a model folder is executed: JSON is checked against a schema, weights are numbers. @throws RuntimeError model_corrupt, unknown_model_format */
export async function loadForecaster(files: readonly ModelFile[]): Promise<Forecaster> {
  const json = modelJson(files);
  switch (json['format']) {
    case 'flts-baseline/1': {
      const model = checked(baseline, json);
      const type = BASELINE_TYPES.find((each) => each === model.info.modelType);
      if (type === undefined)
        throw new RuntimeError('model_corrupt', `expected a baseline, got ${model.info.modelType}`);
      return createBaseline(type, model.parameters, model.info);
    }
    case 'flts-prophet/1': {
      const model = checked(prophet, json);
      return prophetForecaster(model.parameters, model.info);
    }
    case 'layers-model': {
      await useBackend('wasm');
      const weights = files.find(({ path }) => path === 'weights.bin');
      if (weights === undefined)
        throw new RuntimeError(
          'model_corrupt',
          `expected weights.bin beside model.json, got ${files.map(({ path }) => path).join(', ')}`,
        );
      return networkForecaster(
        await loadNetwork(json, weights.bytes),
        checked(network, json).userDefinedMetadata.flts,
      );
    }
    default:
      throw new RuntimeError(
        'unknown_model_format',
        `expected format layers-model, flts-prophet/1 or flts-baseline/1, got ${JSON.stringify(json['format'])}`,
      );
  }
}

/** What a model folder says of itself. @throws RuntimeError model_corrupt */
export function readModelInfo(files: readonly ModelFile[]): ModelInfo {
  const json = modelJson(files);
  return json['format'] === 'layers-model'
    ? checked(network, json).userDefinedMetadata.flts
    : checked(z.object({ info }), json).info;
}

function modelJson(files: readonly ModelFile[]): Record<string, unknown> {
  const file = files.find(({ path }) => path === 'model.json');
  if (file === undefined)
    throw new RuntimeError(
      'model_corrupt',
      `expected model.json, got ${files.map(({ path }) => path).join(', ') || 'no file'}`,
    );
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(Buffer.from(file.bytes).toString('utf8')));
  } catch (cause) {
    throw new RuntimeError('model_corrupt', 'expected JSON in model.json', { cause });
  }
}

function checked<Schema extends z.ZodType>(schema: Schema, json: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new RuntimeError(
    'model_corrupt',
    `expected a model of ours, got ${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`,
  );
}
