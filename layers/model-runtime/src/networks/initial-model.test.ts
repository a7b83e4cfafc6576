import { io, tensor3d, type Tensor } from '@tensorflow/tfjs-core';
import { layers, loadLayersModel, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { seasonalSeries, taskOf } from '../testing/series.ts';
import { useWasm } from '../tfjs/backend.ts';
import { NETWORK_TYPES } from '../families/networks.ts';
import type { ModelFile, TrainTask } from '../types.ts';
import { inputNames, origins, packContexts, scaledInputs } from '../windows/windows.ts';
import { trainModel } from '../families/train.ts';

const series = seasonalSeries(160);
const FEATURES = 4;
const UNITS = 6;
/** All windows in one batch: the loss of the first epoch is that of the weights it began with. */
const task = (type: string): TrainTask => taskOf(type, series, { numLayers: 2, epochs: 1, batchSize: 1000 });

/** TF.js on WASM cannot draw orthogonal weights, the initial weights of recurrent layers. */
const recurrentInitializer = 'glorotUniform';

function plainModel(type: 'GRU' | 'LSTM', units = UNITS): LayersModel {
  const cell = { units, recurrentInitializer, recurrentActivation: 'sigmoid' } as const;
  const recurrent = (own: object): ReturnType<typeof layers.lstm> =>
    type === 'GRU' ? layers.gru({ ...cell, ...own }) : layers.lstm({ ...cell, ...own });
  const model = sequential();
  model.add(recurrent({ returnSequences: true, inputShape: [12, FEATURES] }));
  model.add(recurrent({}));
  model.add(layers.dense({ units: 8 }));
  return model;
}

/** As TF.js saves it to files. */
async function saved(model: LayersModel): Promise<ModelFile[]> {
  const files: ModelFile[] = [];
  await model.save(
    io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const weightsManifest = [{ paths: ['group1-shard1of1.bin'], weights: weightSpecs }];
      const json = { format: 'layers-model', modelTopology, weightsManifest };
      files.push({ path: 'model.json', bytes: Buffer.from(JSON.stringify(json)) });
      if (weightData instanceof ArrayBuffer)
        files.push({ path: 'group1-shard1of1.bin', bytes: new Uint8Array(weightData) });
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return files;
}

/** Mean squared error over the windows of fit, by TF.js. */
async function lossOf(model: LayersModel, of: TrainTask): Promise<number> {
  const inputs = scaledInputs(series.columns, inputNames(of.roles), of.scaler, 160);
  const at = origins({ block: series.block, segment: of.segments.fit, contextRows: 12, horizon: 4 });
  const windows = tensor3d(packContexts(inputs, FEATURES, at, 12), [at.length, 12, FEATURES]);
  const answers = await (model.predict(windows) as Tensor).data();
  let sum = 0;
  for (const [window, origin] of at.entries()) {
    for (let answer = 0; answer < 8; answer += 1) {
      const truth = inputs[(origin + (answer >> 1)) * FEATURES + (answer & 1)] ?? Number.NaN;
      sum += ((answers[window * 8 + answer] ?? Number.NaN) - truth) ** 2;
    }
  }
  return sum / answers.length;
}

const asKeras = (files: readonly ModelFile[]): ModelFile[] =>
  files.map((file) => {
    if (file.path !== 'model.json') return file;
    const json = JSON.parse(Buffer.from(file.bytes).toString());
    const { layers: own } = json.modelTopology.config;
    const { batch_input_shape, ...config } = own[0].config;
    const input = { class_name: 'InputLayer', config: { batch_input_shape, name: 'input_1' } };
    json.modelTopology.config.layers = [input, { ...own[0], config }, ...own.slice(1)];
    json.modelTopology = { keras_version: '2.15.0', model_config: json.modelTopology };
    return { ...file, bytes: Buffer.from(JSON.stringify(json)) };
  });

describe('a network that begins with a model of TF.js', () => {
  beforeAll(useWasm);

  it.each(['GRU', 'LSTM'] as const)('has its loss at first, and learns from there: %s', async (type) => {
    const model = plainModel(type);
    const initial = await saved(model);
    const { history, params } = await trainModel({ ...task(type), initial });
    const theirs = await lossOf(model, task(type));
    expect(Math.abs((history[0]?.loss ?? Number.NaN) - theirs)).toBeLessThan(1e-5 * theirs);
    expect(params['initial_model']).toMatch(/^[\da-f]{64}$/u);
    const settings = { ...task(type).settings, epochs: 60, learningRate: 0.01 };
    const learnt = await trainModel({ ...task(type), settings, initial });
    expect(learnt.history.at(-1)?.loss).toBeLessThan(0.8 * theirs);
  });

  it('reads what Keras saves for TF.js, with a layer for its input, alike', async () => {
    const initial = await saved(plainModel('LSTM'));
    const own = await trainModel({ ...task('LSTM'), initial });
    const theirs = await trainModel({ ...task('LSTM'), initial: asKeras(initial) });
    expect(theirs.files).toEqual(own.files);
  });

  it.each(NETWORK_TYPES)('goes on with a model of its own: %s', async (type) => {
    const first = await trainModel(task(type));
    const second = await trainModel({ ...task(type), initial: first.files });
    const [before, after] = [first.history[0]?.loss ?? 0, second.history[0]?.loss ?? 0];
    expect(after).toBeLessThan(before);
  });

  it.each(NETWORK_TYPES)('goes on alike with what TF.js saved of a model of its own: %s', async (type) => {
    const { files } = await trainModel(task(type));
    const json = JSON.parse(Buffer.from(files[0]?.bytes ?? []).toString());
    const weightSpecs = json.weightsManifest[0].weights;
    const weightData = new Uint8Array(files[1]?.bytes ?? []).buffer;
    const { modelTopology } = json;
    const theirs = await loadLayersModel(io.fromMemory({ modelTopology, weightSpecs, weightData }));
    const initial = await saved(theirs);
    const again = await trainModel({ ...task(type), initial });
    expect(again.files).toEqual((await trainModel({ ...task(type), initial: files })).files);
  });

  it('is not taken for another: a checkpoint of one is refused by the other', async () => {
    const [one, other] = [await saved(plainModel('GRU')), await saved(plainModel('GRU'))];
    let resume = new Uint8Array();
    const save = async (bytes: Uint8Array): Promise<void> => void (resume = Uint8Array.from(bytes));
    await trainModel({ ...task('GRU'), initial: one }, { checkpoints: { save } });
    const again = trainModel({ ...task('GRU'), initial: other }, { checkpoints: { save, resume } });
    await expect(again).rejects.toMatchObject({ code: 'checkpoint_invalid' });
  });

  it('says what it expected of a model of another shape', async () => {
    const initial = await saved(plainModel('GRU', 5));
    await expect(trainModel({ ...task('GRU'), initial })).rejects.toMatchObject({
      code: 'shape_mismatch',
      message:
        'expected an initial model of 2 GRU layers of 6 units, 4 features and 8 answers, got 2 GRU layers of 5 units, 4 features and 8 answers',
    });
  });

  it('may be of another window, but where it has learnt positions', async () => {
    const longer = (type: string): TrainTask => {
      const { settings, ...rest } = task(type);
      return { ...rest, settings: { ...settings, inputSeqLen: 14 } };
    };
    const { files: initial } = await trainModel(task('TCN'));
    expect((await trainModel({ ...longer('TCN'), initial })).history).toHaveLength(1);
    const { files } = await trainModel(task('TETS'));
    await expect(trainModel({ ...longer('TETS'), initial: files })).rejects.toMatchObject({
      code: 'shape_mismatch',
      message: expect.stringMatching(/windows of 14 rows, got .* windows of 12 rows$/u),
    });
  });

  it('names what is missing or cut', async () => {
    const initial = await saved(plainModel('GRU'));
    const cut = initial.map(({ path, bytes }) => ({
      path,
      bytes: path === 'model.json' ? bytes : bytes.slice(4),
    }));
    const of = task('GRU');
    await expect(trainModel({ ...of, initial: cut })).rejects.toMatchObject({
      code: 'model_corrupt',
      message: expect.stringMatching(/expected \d+ bytes of initial weights, got \d+/u),
    });
    await expect(trainModel({ ...of, initial: initial.slice(0, 1) })).rejects.toMatchObject({
      code: 'model_corrupt',
      message: expect.stringContaining('group1-shard1of1.bin'),
    });
  });
});
