import {
  findBackendFactory,
  getBackend,
  io,
  memory,
  registerBackend,
  removeBackend,
  tensor3d,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { layers, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import { once } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { infoOf } from '../families/family.ts';
import { loadForecaster } from '../families/load.ts';
import { seasonalSeries, taskOf } from '../testing/series.ts';
import type { ModelFile } from '../types.ts';
import { inputNames, packContexts, scaledInputs } from '../windows/windows.ts';
import { useNative, useWasm } from './backend.ts';

const series = seasonalSeries(240);
const task = taskOf('LSTM', series);

/** A network that the kernels do not run: its gates are hard sigmoids. TF.js on WASM cannot draw orthogonal weights. */
function foreignModel(): LayersModel {
  const model = sequential();
  model.add(
    layers.lstm({
      units: 3,
      recurrentActivation: 'hardSigmoid',
      recurrentInitializer: 'glorotUniform',
      inputShape: [12, 4],
    }),
  );
  model.add(layers.dense({ units: 8 }));
  model.add(layers.reshape({ targetShape: [4, 2] }));
  return model;
}

async function filesOf(model: LayersModel): Promise<ModelFile[]> {
  const files: ModelFile[] = [];
  await model.save(
    io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const json = {
        format: 'layers-model',
        modelTopology,
        userDefinedMetadata: { flts: { ...infoOf(task, 12), horizon: 4 } },
        weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
      };
      files.push({ path: 'model.json', bytes: Buffer.from(JSON.stringify(json)) });
      if (weightData instanceof ArrayBuffer)
        files.push({ path: 'weights.bin', bytes: new Uint8Array(weightData) });
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return files;
}

describe('a LayersModel that the kernels do not run', () => {
  let model: LayersModel;
  beforeAll(async () => {
    await useWasm();
    model = foreignModel();
  });

  it('answers through TF.js, and leaves no tensor behind', async () => {
    const origins = Int32Array.from([100, 150, 200]);
    const inputs = scaledInputs(series.columns, inputNames(task.roles), task.scaler, 240);
    const output = model.predict(tensor3d(packContexts(inputs, 4, origins, 12), [3, 12, 4])) as Tensor;
    const scaled = await output.data();
    const files = await filesOf(model);
    const before = memory().numTensors;
    const forecaster = await loadForecaster(files);
    const { values } = forecaster.backtest({ scaler: task.scaler, series, origins, horizon: 4 });
    const { offset = 0, scale = 1 } = task.scaler.columns['load'] ?? {};
    expect([...(values['load'] ?? [])]).toEqual(
      Array.from({ length: 12 }, (_, index) => (scaled[2 * index] ?? Number.NaN) * scale + offset),
    );
    forecaster.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('answers on WASM where the native backend is asked for and does not load, and warns', async () => {
    const files = await filesOf(model);
    const origins = Int32Array.from([100, 150]);
    const of = { scaler: task.scaler, series, origins, horizon: 4 };
    const warned = once(process, 'warning');
    const native = await loadForecaster(files, { backend: 'node' });
    expect(String((await warned)[0])).toMatch(
      /tfjs-node for the backend "node", got .*; TF\.js runs on WASM/u,
    );
    expect(native.backtest(of)).toEqual((await loadForecaster(files)).backtest(of));
    expect(getBackend()).toBe('wasm');
  });

  it('runs on what the native library registers, where it loads', async () => {
    registerBackend('tensorflow', () => findBackendFactory('wasm')());
    expect(await useNative(async () => {})).toBe(true);
    expect(getBackend()).toBe('tensorflow');
    removeBackend('tensorflow');
    await useWasm();
  });

  it('is refused where TF.js cannot read it', async () => {
    const [json, weights] = await filesOf(model);
    const broken = Buffer.from(json?.bytes ?? [])
      .toString()
      .replace('"Dense"', '"Dance"');
    const files = [{ path: 'model.json', bytes: Buffer.from(broken) }, ...(weights ? [weights] : [])];
    await expect(loadForecaster(files)).rejects.toMatchObject({ code: 'model_corrupt' });
  });
});
