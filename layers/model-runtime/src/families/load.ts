import { z } from 'zod';
import { RuntimeError } from '../errors.ts';
import type { ModelFile, ModelInfo } from '../types.ts';
import type { Family, LoadOptions } from './family.ts';
import type { Forecaster } from './forecaster.ts';
import { FAMILIES } from './index.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Nothing in a model folder is executed: JSON is checked against a schema, weights are numbers.
 * @throws RuntimeError model_corrupt, unknown_model_format; feature_count_mismatch or shape_mismatch where a network is
 * not what its model.json says
 */
export async function loadForecaster(
  files: readonly ModelFile[],
  options: LoadOptions = {},
): Promise<Forecaster> {
  const json = modelJson(files);
  return familyOfModel(json).load(json, files, options);
}

/** What a model folder says of itself. @throws RuntimeError model_corrupt, unknown_model_format */
export function readModelInfo(files: readonly ModelFile[]): ModelInfo {
  const json = modelJson(files);
  return familyOfModel(json).readInfo(json);
}

function modelJson(files: readonly ModelFile[]): Json {
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

const typed = z.object({ modelType: z.string() });
/** Where a model.json says what it is: in `info`, or in the metadata of a LayersModel. */
const named = z.union([
  z.object({ info: typed }).transform(({ info }) => info.modelType),
  z
    .object({ userDefinedMetadata: z.object({ flts: typed }) })
    .transform(({ userDefinedMetadata }) => userDefinedMetadata.flts.modelType),
]);

/** By its format, then by its type. */
function familyOfModel(json: Json): Family {
  const alike = FAMILIES.filter(({ format }) => format === json['format']);
  if (alike.length === 0) {
    const formats = [...new Set(FAMILIES.map(({ format }) => format))];
    throw new RuntimeError(
      'unknown_model_format',
      `expected format ${formats.slice(0, -1).join(', ')} or ${formats.at(-1)}, got ${JSON.stringify(json['format'])}`,
    );
  }
  const type = named.safeParse(json).data;
  const family = alike.find((each) => each.type === type);
  if (family !== undefined) return family;
  const types = alike.map((each) => each.type).join(', ');
  const place = json['format'] === 'layers-model' ? 'userDefinedMetadata.flts' : 'info';
  throw new RuntimeError(
    'model_corrupt',
    `expected a model of ours, got ${place}.modelType: expected one of ${types}, got ${JSON.stringify(type) ?? 'none'}`,
  );
}
