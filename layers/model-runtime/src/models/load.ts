import { z } from 'zod';
import { RuntimeError } from '../errors.ts';
import type { ModelFile, ModelInfo, TfjsBackend } from '../types.ts';
import { createBaseline } from './baselines.ts';
import type { Forecaster } from './forecaster.ts';
import { anyInfo, baselineJson, networkJson, prophetJson } from './model-schema.ts';
import { loadNetwork } from './network-files.ts';
import { networkForecaster } from './network-forecaster.ts';
import { prophetForecaster } from './prophet.ts';

export interface LoadOptions {
  /** Of TF.js, for a network that the kernels do not run; default wasm. */
  readonly backend?: TfjsBackend;
}

/**
 * Nothing in a model folder is executed: JSON is checked against a schema, weights are numbers.
 * @throws RuntimeError model_corrupt, unknown_model_format; feature_count_mismatch or shape_mismatch where a network is
 * not what its model.json says
 */
export async function loadForecaster(
  files: readonly ModelFile[],
  { backend = 'wasm' }: LoadOptions = {},
): Promise<Forecaster> {
  const json = modelJson(files);
  switch (json['format']) {
    case 'flts-baseline/1': {
      const { info, parameters } = checked(baselineJson, json);
      return createBaseline(info.modelType, parameters, info);
    }
    case 'flts-prophet/1': {
      const { info, parameters } = checked(prophetJson, json);
      return prophetForecaster(parameters, info);
    }
    case 'layers-model':
      return loadNetworkForecaster(json, files, backend);
    default:
      throw new RuntimeError(
        'unknown_model_format',
        `expected format layers-model, flts-prophet/1 or flts-baseline/1, got ${JSON.stringify(json['format'])}`,
      );
  }
}

async function loadNetworkForecaster(
  json: Record<string, unknown>,
  files: readonly ModelFile[],
  backend: TfjsBackend,
): Promise<Forecaster> {
  const network = checked(networkJson, json);
  const weights = files.find(({ path }) => path === 'weights.bin');
  if (weights === undefined)
    throw new RuntimeError(
      'model_corrupt',
      `expected weights.bin beside model.json, got ${files.map(({ path }) => path).join(', ')}`,
    );
  const model = await loadNetwork(network, weights.bytes, backend);
  try {
    return networkForecaster(model, network.userDefinedMetadata.flts);
  } catch (cause) {
    model.dispose();
    throw cause;
  }
}

/** What a model folder says of itself. @throws RuntimeError model_corrupt */
export function readModelInfo(files: readonly ModelFile[]): ModelInfo {
  const json = modelJson(files);
  return json['format'] === 'layers-model'
    ? checked(networkJson, json).userDefinedMetadata.flts
    : checked(anyInfo, json).info;
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
    throw new RuntimeError('model_corrupt', 'expected a JSON object in model.json', { cause });
  }
}

function checked<Schema extends z.ZodType>(schema: Schema, json: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new RuntimeError('model_corrupt', `expected a model of ours, got ${problems.join('; ')}`);
}
