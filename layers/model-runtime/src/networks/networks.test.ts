import { io, tensor3d, type Tensor } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { commonOrigins } from '../evaluation/common-origins.ts';
import { fusedShape, kerasWeights } from '../kernels/keras-model.ts';
import { createPredictor } from '../kernels/predictor.ts';
import { FAST_KERNELS } from '../kernels/wasm.ts';
import { useWasm } from '../tfjs/backend.ts';
import { seasonalSeries, taskOf } from '../testing/series.ts';
import { NETWORK_TYPES } from '../families/networks.ts';
import type { Series, TrainProgress } from '../types.ts';
import { inputNames, packContexts, scaledInputs } from '../windows/windows.ts';
import { loadForecaster, readModelInfo } from '../families/load.ts';
import { trainModel } from '../families/train.ts';

const series = seasonalSeries(240);

describe.each(NETWORK_TYPES)('%s', (type) => {
  it('trained twice from the same seed has the same bytes, and from another seed others', async () => {
    const weights = async (seed: number): Promise<Buffer> => {
      const { files } = await trainModel(taskOf(type, series, { seed }));
      return Buffer.from(files.find(({ path }) => path === 'weights.bin')?.bytes ?? []);
    };
    const [first, second, other] = [await weights(7), await weights(7), await weights(8)];
    expect(first.equals(second)).toBe(true);
    expect(first.equals(other)).toBe(false);
  });

  it('learns: the loss of the last epoch is below half of the first', async () => {
    const { history } = await trainModel(taskOf(type, series, { epochs: 12, earlyStopping: false }));
    expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect(history.at(-1)?.loss).toBeLessThan((history[0]?.loss ?? 0) / 2);
  });

  it('is a standard LayersModel: plain TF.js loads it and predicts the same within 1e-5', async () => {
    const task = taskOf(type, series);
    const { files } = await trainModel(task);
    const json = JSON.parse(Buffer.from(files[0]?.bytes ?? []).toString());
    await useWasm();
    const weightData = new Uint8Array(files[1]?.bytes ?? []).buffer;
    const plain = await loadLayersModel(
      io.fromMemory({
        modelTopology: json.modelTopology,
        weightSpecs: json.weightsManifest[0].weights,
        weightData,
      }),
    );
    const origins = Int32Array.from([200]);
    const inputs = scaledInputs(series.columns, inputNames(task.roles), task.scaler, 240);
    const output = plain.predict(tensor3d(packContexts(inputs, 4, origins, 12), [1, 12, 4])) as Tensor;
    const scaled = await output.data();
    const { values } = (await loadForecaster(files)).backtest({
      scaler: task.scaler,
      series,
      origins,
      horizon: 4,
    });
    const { offset = 0, scale = 1 } = task.scaler.columns['load'] ?? {};
    expect(values['load']).toHaveLength(4);
    for (const [step, load] of (values['load'] ?? []).entries()) {
      const theirs = (scaled[2 * step] ?? Number.NaN) * scale + offset;
      expect(Math.abs(load - theirs)).toBeLessThan(1e-5 * Math.abs(theirs) + 1e-5 * scale);
    }
  });

  it('trained with fastMath says so, and answers on the kernels that it was trained on', async () => {
    const task = taskOf(type, series, { fastMath: true });
    const { files, params } = await trainModel(task);
    expect([params['fast_math'], readModelInfo(files).fastMath]).toEqual([1, true]);
    const origins = Int32Array.from([180, 200]);
    const { values } = (await loadForecaster(files)).backtest({ ...task, origins, horizon: 4 });
    const json = JSON.parse(Buffer.from(files[0]?.bytes ?? []).toString());
    const [shape, bytes] = [fusedShape(json.modelTopology), files[1]?.bytes];
    if (shape === undefined || bytes === undefined) throw new Error('expected a model of the kernels');
    const weights = kerasWeights(shape, json.weightsManifest[0].weights, bytes).map((array) => array.values);
    const inputs = scaledInputs(series.columns, inputNames(task.roles), task.scaler, 240);
    const scaled = createPredictor(shape, weights, FAST_KERNELS).predict(
      packContexts(inputs, 4, origins, 12),
    );
    const { offset = 0, scale = 1 } = task.scaler.columns['load'] ?? {};
    const answers = Array.from({ length: 8 }, (_, at) => (scaled[2 * at] ?? NaN) * scale + offset);
    expect([...(values['load'] ?? [])]).toEqual(answers);
  });

  it('reads no row at or after the origin', async () => {
    const task = taskOf(type, series);
    const forecaster = await loadForecaster((await trainModel(task)).files);
    const origins = Int32Array.from([100, 150]);
    const changed: Series = {
      ...series,
      columns: {
        ...series.columns,
        load: (series.columns['load'] ?? new Float64Array()).map((value, row) =>
          row >= 150 ? value + 1000 : value,
        ),
      },
    };
    const before = forecaster.backtest({ scaler: task.scaler, series, origins, horizon: 4 });
    expect(forecaster.backtest({ scaler: task.scaler, series: changed, origins, horizon: 4 })).toEqual(
      before,
    );
  });

  it('forecasts as it backtests, and feeds predictions back beyond its horizon', async () => {
    const task = taskOf(type, series);
    const forecaster = await loadForecaster((await trainModel(task)).files);
    const context = {
      ts: series.ts.slice(0, 200),
      columns: Object.fromEntries(
        Object.entries(series.columns).map(([name, values]) => [name, values.slice(0, 200)]),
      ),
    };
    const short = forecaster.forecast({ scaler: task.scaler, context, steps: 4 });
    const tested = forecaster.backtest({
      scaler: task.scaler,
      series,
      origins: Int32Array.from([200]),
      horizon: 4,
    });
    expect(short.values).toEqual(tested.values);
    expect(short.recursiveFromStep).toBeNull();
    const long = forecaster.forecast({ scaler: task.scaler, context, steps: 10 });
    expect([...(long.values['load'] ?? [])].slice(0, 4)).toEqual([...(short.values['load'] ?? [])]);
    expect([long.recursiveFromStep, long.values['cold']?.length, long.ts[9]]).toEqual([
      5,
      10,
      (series.ts[199] ?? 0) + 10 * 3_600_000,
    ]);
  });

  it.each([
    { loss: 'huber' },
    { loss: 'mae' },
    { dropout: 0.5 },
    { weightDecay: 5 },
    { clipNorm: 0.01 },
  ] as const)('heeds %j', async (setting) => {
    const { history } = await trainModel(taskOf(type, series, setting));
    expect(history).toHaveLength(2);
    expect(history.at(-1)?.loss).not.toBe((await trainModel(taskOf(type, series))).history.at(-1)?.loss);
  });

  it('that diverges says in which epoch, and the last finite loss', async () => {
    await expect(trainModel(taskOf(type, series, { learningRate: 1e30, epochs: 5 }))).rejects.toMatchObject({
      code: 'loss_diverged',
      retryable: false,
      message: expect.stringMatching(/epoch \d/u),
    });
  });
});

describe('training', () => {
  it('keeps the weights of the best epoch and stops when patience ends', async () => {
    const seen: TrainProgress[] = [];
    const { params, history } = await trainModel(
      taskOf('GRU', series, { epochs: 60, learningRate: 0.2, earlyStoppingPatience: 2 }),
      { onProgress: (progress) => seen.push(progress) },
    );
    const best = history.toSorted((a, b) => (a.valLoss ?? 0) - (b.valLoss ?? 0))[0];
    // 168 rows of fit leave 153 windows; a GRU of 6 units over 4 features has 198 weights, its dense layer 56.
    expect(params).toEqual({ best_epoch: best?.epoch, windows: 153, weights: 254 });
    expect(history.length).toBeLessThan(60);
    expect(history.length - (best?.epoch ?? 0)).toBe(2);
    expect(seen).toEqual(history);
  });

  it('names the column and row of a value that is not finite', async () => {
    const load = (series.columns['load'] ?? new Float64Array()).map((value, row) =>
      row === 17 ? Number.NaN : value,
    );
    const broken = { ...series, columns: { ...series.columns, load } };
    await expect(trainModel({ ...taskOf('GRU', series), series: broken })).rejects.toMatchObject({
      code: 'non_finite_input',
      message: expect.stringContaining('column load, row 17'),
    });
  });

  it('with too few rows says how many it needs', async () => {
    await expect(trainModel(taskOf('LSTM', series, { inputSeqLen: 400 }))).rejects.toMatchObject({
      code: 'insufficient_rows',
      message: expect.stringContaining('404'),
    });
  });

  it('stops when cancelled', async () => {
    const controller = new AbortController();
    const training = trainModel(taskOf('GRU', series, { epochs: 1000, earlyStopping: false }), {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(training).rejects.toMatchObject({ code: 'task_cancelled' });
  });

  it('with two layers gives a model of two', async () => {
    const task = taskOf('GRU', series, { numLayers: 2 });
    const { files } = await trainModel(task);
    expect(readModelInfo(files)).toMatchObject({ modelType: 'GRU', contextRows: 12, horizon: 4 });
    const { origins } = commonOrigins(series, task.segments, {
      segment: 'select',
      contextRows: 12,
      horizon: 4,
    });
    expect(
      (await loadForecaster(files)).backtest({ scaler: task.scaler, series, origins, horizon: 4 }).values[
        'load'
      ],
    ).toHaveLength(origins.length * 4);
  });
});
