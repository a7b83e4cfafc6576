import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { seasonalSeries, taskOf } from '../testing/series.ts';
import type { ModelFile, TrainedModel } from '../types.ts';
import { loadForecaster, readModelInfo } from './load.ts';
import { trainModel } from './train.ts';

type Json = Record<string, unknown>;

const series = seasonalSeries(240);
const jsonOf = ({ files }: TrainedModel): Json =>
  JSON.parse(Buffer.from(files.find(({ path }) => path === 'model.json')?.bytes ?? []).toString());
const modelJson = (json: unknown): ModelFile => ({
  path: 'model.json',
  bytes: Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)),
});

/** A copy of `json` with the value at `path` replaced. */
function changed(json: Json, path: string, value: unknown): Json {
  const copy = structuredClone(json);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let at: Json = copy;
  for (const key of keys) at = at[key] as Json;
  at[last] = value;
  return copy;
}

const refused = (code: string, place: string | RegExp) =>
  expect.objectContaining({
    name: 'RuntimeError',
    code,
    retryable: false,
    message: typeof place === 'string' ? expect.stringContaining(place) : expect.stringMatching(place),
  });

describe('a model folder of any family', () => {
  it.each([
    ['no file at all', [], 'model_corrupt', 'got no file'],
    [
      'no model.json',
      [{ path: 'weights.bin', bytes: new Uint8Array(4) }],
      'model_corrupt',
      'got weights.bin',
    ],
    ['text', [modelJson('GRU')], 'model_corrupt', 'JSON'],
    ['half a file', [modelJson('{"format":"flts-')], 'model_corrupt', 'JSON'],
    ['an array', [modelJson([])], 'model_corrupt', 'JSON'],
    ['no format', [modelJson({})], 'unknown_model_format', 'got undefined'],
    ['a foreign format', [modelJson({ format: 'onnx' })], 'unknown_model_format', 'got "onnx"'],
  ])('is refused with %s', async (_name, files, code, place) => {
    await expect(loadForecaster(files)).rejects.toEqual(refused(code, place));
  });
});

describe('a baseline’s folder', async () => {
  const json = jsonOf(await trainModel(taskOf('SEASONAL_NAIVE', series)));

  it.each([
    ['info', undefined],
    ['info.modelType', 'GRU'],
    ['info.modelType', 'CROSTON'],
    ['info.contextRows', -1],
    ['info.roles.targets', 'load'],
    ['info.calendar.timeZone', 'Europe/Atlantis'],
    ['info.calendar.features', ['moon_phase_sin']],
    ['info.frequency.stepMs', 0],
    ['parameters.season', 1.5],
    ['parameters.window', 0],
  ])('is refused with %s %j', async (path, value) => {
    await expect(loadForecaster([modelJson(changed(json, path, value))])).rejects.toEqual(
      refused('model_corrupt', path.split('.').at(-1) ?? ''),
    );
  });
});

describe('PROPHET’s folder', async () => {
  const json = jsonOf(await trainModel(taskOf('PROPHET', series)));

  it('is read as it was written', async () => {
    const task = taskOf('PROPHET', series);
    const { files } = await trainModel(task);
    const forecaster = await loadForecaster(files);
    const context = { ts: series.ts, columns: {} };
    const { values } = forecaster.forecast({ scaler: task.scaler, context, steps: 24 });
    // The daily season goes on: 100 at midnight, 140 at six.
    expect(values['load']?.[0]).toBeCloseTo(100, -1);
    expect(values['load']?.[6]).toBeCloseTo(140, -1);
    expect(Object.keys(values)).toEqual(['load', 'cold']);
  });

  it.each([
    ['info.modelType', 'NAIVE', 'PROPHET'],
    ['parameters.load', undefined, 'load'],
    ['parameters.load.k', null, 'parameters.load.k'],
    ['parameters.load.span', 0, 'parameters.load.span'],
    ['parameters.load.delta', [], 'parameters.load'],
    ['parameters.load.beta', [1, 2, 3], 'parameters.load'],
    ['parameters.load.seasonalities', [{ period: 1, order: 1e9 }], 'parameters.load.seasonalities'],
  ])('is refused with %s %j', async (path, value, place) => {
    await expect(loadForecaster([modelJson(changed(json, path, value))])).rejects.toEqual(
      refused('model_corrupt', place),
    );
  });
});

describe('a network’s folder', async () => {
  const trained = await trainModel(taskOf('LSTM', series, { epochs: 1 }));
  const json = jsonOf(trained);
  const weights = trained.files.find(({ path }) => path === 'weights.bin')?.bytes ?? new Uint8Array();
  const withWeights = (bytes: Uint8Array): ModelFile[] => [modelJson(json), { path: 'weights.bin', bytes }];
  const flts = 'userDefinedMetadata.flts';

  it.each([
    ['no weights', [modelJson(json)], 'expected weights.bin'],
    ['weights cut off', withWeights(weights.subarray(0, weights.length - 4)), `got ${weights.length - 4}`],
    ['weights cut within a number', withWeights(weights.subarray(0, 7)), 'got 7'],
    ['empty weights', withWeights(new Uint8Array()), 'got 0'],
    [
      'weights too long',
      withWeights(Buffer.concat([weights, new Uint8Array(4)])),
      `got ${weights.length + 4}`,
    ],
  ])('is refused with %s', async (_name, files, place) => {
    await expect(loadForecaster(files)).rejects.toEqual(refused('model_corrupt', place));
  });

  it.each([
    ['weightsManifest', undefined, 'model_corrupt'],
    ['weightsManifest', [{ paths: ['weights.bin'], weights: [{ name: 'x' }] }], 'model_corrupt'],
    ['modelTopology', undefined, 'model_corrupt'],
    ['modelTopology', { class_name: 'Sequential', config: { name: 's', layers: [] } }, 'model_corrupt'],
    ['modelTopology', { class_name: 'Evil', config: {} }, 'model_corrupt'],
    ['userDefinedMetadata', undefined, 'model_corrupt'],
    [`${flts}.modelType`, 'NAIVE', 'model_corrupt'],
    [`${flts}.horizon`, 5, 'shape_mismatch'],
    [`${flts}.horizon`, null, 'model_corrupt'],
    [`${flts}.contextRows`, 24, 'feature_count_mismatch'],
    [`${flts}.roles.past`, ['wind'], 'feature_count_mismatch'],
  ])('is refused with %s %j', async (path, value, code) => {
    const files = [modelJson(changed(json, path, value)), { path: 'weights.bin', bytes: weights }];
    await expect(loadForecaster(files)).rejects.toEqual(refused(code, 'expected'));
  });

  it('leaves no tensor behind, whatever it is refused for', async () => {
    (await loadForecaster(trained.files)).dispose();
    const before = memory().numTensors;
    const broken: ModelFile[][] = [
      withWeights(weights.subarray(0, weights.length - 4)),
      ...[
        changed(json, `${flts}.contextRows`, 24),
        changed(json, `${flts}.modelType`, 'NAIVE'),
        changed(json, 'userDefinedMetadata', undefined),
      ].map((each) => [modelJson(each), { path: 'weights.bin', bytes: weights }]),
    ];
    for (const files of broken) await expect(loadForecaster(files)).rejects.toThrow('expected');
    expect(memory().numTensors).toBe(before);
  });
});

describe('what a model folder says of itself', () => {
  it.each(['GRU', 'PROPHET', 'NAIVE'] as const)('is read without the model: %s', async (type) => {
    const task = taskOf(type, series, { epochs: 1 });
    const { files } = await trainModel(task);
    const info = readModelInfo(files.filter(({ path }) => path === 'model.json'));
    expect(info).toEqual({
      modelType: type,
      contextRows: { GRU: 12, PROPHET: 0, NAIVE: 1 }[type],
      horizon: type === 'GRU' ? 4 : null,
      roles: task.roles,
      calendar: task.calendar,
      frequency: task.frequency,
    });
  });

  it('is refused where it says nothing', () => {
    expect(() => readModelInfo([modelJson({ format: 'flts-baseline/1' })])).toThrow(
      expect.objectContaining({ code: 'model_corrupt', message: expect.stringContaining('info') }),
    );
  });
});
