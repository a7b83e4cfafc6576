import { createHash } from 'node:crypto';
import { z } from 'zod';
import { RuntimeError } from '../errors.ts';
import { initialShape, kerasWeights } from '../kernels/keras-model.ts';
import { outputsOf, type NetworkShape } from '../kernels/shape.ts';
import { weightShapes } from '../kernels/weights.ts';
import type { ModelFile } from '../types.ts';
import { weight } from './network-json.ts';

/** The parts of a LayersModel that its weights are read by; it may be anybody's. */
const layersModel = z.object({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(z.object({ paths: z.array(z.string()), weights: z.array(weight) })),
});

export interface InitialModel {
  /** In the order of weightShapes. */
  readonly weights: readonly Float32Array[];
  /** Of the weights' bytes. */
  readonly sha256: string;
}

/**
 * The weights of a model folder, for a training of `shape`. The window may be of another length, where weights do not depend on
 * it: TETS has one for each step.
 * @throws RuntimeError model_corrupt where files are missing or cut; shape_mismatch where it is another network
 */
export function readInitialModel(files: readonly ModelFile[], shape: NetworkShape): InitialModel {
  const { modelTopology, weightsManifest } = parsedModel(files);
  const own = initialShape(modelTopology);
  if (own === undefined || described(own) !== described(shape))
    throw new RuntimeError(
      'shape_mismatch',
      `expected an initial model of ${described(shape)}, got ${own === undefined ? 'one that the kernels do not run (a GRU has reset_after: false, gates are sigmoids)' : described(own)}`,
    );
  const bytes = Buffer.concat(
    weightsManifest.flatMap(({ paths }) => paths).map((path) => fileOf(files, path)),
  );
  const specs = weightsManifest.flatMap(({ weights }) => weights);
  const size = 4 * specs.reduce((sum, spec) => sum + spec.shape.reduce((all, each) => all * each, 1), 0);
  if (bytes.length !== size)
    throw new RuntimeError('model_corrupt', `expected ${size} bytes of initial weights, got ${bytes.length}`);
  const weights = kerasWeights(shape, specs, bytes).map(({ values }) => values);
  return { weights, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function described(shape: NetworkShape): string {
  const { family, units, layers, features, steps } = shape;
  const window = dependsOnWindow(shape) ? `, windows of ${steps} rows` : '';
  return `${layers} ${family} layers of ${units} units, ${features} features and ${outputsOf(shape)} answers${window}`;
}

function dependsOnWindow(shape: NetworkShape): boolean {
  const [one, two] = [1, 2].map((steps) => JSON.stringify(weightShapes({ ...shape, steps })));
  return one !== two;
}

function parsedModel(files: readonly ModelFile[]): z.infer<typeof layersModel> {
  const text = fileOf(files, 'model.json').toString('utf8');
  try {
    return layersModel.parse(JSON.parse(text));
  } catch (cause) {
    throw new RuntimeError('model_corrupt', 'expected model.json of a LayersModel, got another file', {
      cause,
    });
  }
}

function fileOf(files: readonly ModelFile[], path: string): Buffer {
  const file = files.find((each) => each.path === path);
  if (file !== undefined) return Buffer.from(file.bytes);
  const got = files.map((each) => each.path).join(', ');
  throw new RuntimeError('model_corrupt', `expected ${path} in the initial model, got ${got}`);
}
