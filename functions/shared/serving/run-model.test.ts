import { beforeEach, describe, expect, it } from 'vitest';
import type { Run } from '../tracking/tracking.ts';
import { createMemoryTracking, type MemoryTracking } from '../tracking/memory-tracking.ts';
import { storeArtifacts } from '../runs/manifest.ts';
import { loadRunModel } from './run-model.ts';

const model = JSON.stringify({
  format: 'flts-baseline/1',
  info: {
    modelType: 'NAIVE',
    contextRows: 1,
    horizon: null,
    roles: { targets: ['load'], past: [], future: [] },
    calendar: { timeZone: 'UTC', features: [] },
    frequency: { stepMs: 3_600_000, businessDays: false },
  },
  parameters: { season: 0, window: 1 },
});
const scaler = JSON.stringify({
  format: 'flts-scaler/1',
  kind: 'none',
  columns: { load: { offset: 0, scale: 1 } },
});

describe('a run’s model', () => {
  let tracking: MemoryTracking;
  let run: Run;
  beforeEach(async () => {
    tracking = createMemoryTracking();
    const experimentId = await tracking.experimentId('load');
    run = await tracking.createRun({ experimentId, runName: 'NAIVE', startTime: 0, tags: {} });
  });

  const put = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [path, bytes] of Object.entries(files)) await tracking.putArtifact(run, path, bytes);
  };
  const load = () => loadRunModel(tracking, run.runId, 'NAIVE');

  it('is the folder of its run name, with the scaler and the horizon it was scored on', async () => {
    await tracking.log(run.runId, { params: { evaluation_horizon: 24 } });
    await storeArtifacts(tracking, run, {
      trainingKey: 'key',
      artifacts: [
        { path: 'NAIVE/model.json', bytes: Buffer.from(model) },
        { path: 'scaler/scaler.json', bytes: Buffer.from(scaler) },
      ],
    });
    expect(await load()).toMatchObject({
      runId: run.runId,
      modelType: 'NAIVE',
      files: [{ path: 'model.json', bytes: Buffer.from(model) }],
      scaler: { kind: 'none' },
      horizon: 24,
    });
  });

  it('may lie in model/, and its scaler at the root under any name with scaler in it', async () => {
    await put({ 'model/model.json': model, 'my_scaler.json': scaler });
    expect(await load()).toMatchObject({ modelType: 'NAIVE', horizon: 1 });
  });

  it.each([
    ['no model', { 'scaler/scaler.json': scaler }, 'model_load_failed', /NAIVE\/ or model\//u],
    ['no scaler', { 'NAIVE/model.json': model }, 'scaler_not_found', /scaler\/\*\.json/u],
    [
      'a scaler that is no JSON',
      { 'NAIVE/model.json': model, 'scaler/s.json': 'import os' },
      'model_load_failed',
      /scaler of run/u,
    ],
    [
      'a scaler of other columns',
      { 'NAIVE/model.json': model, 'scaler/s.json': scaler.replace('"load"', '"flow"') },
      'feature_count_mismatch',
      /without load/u,
    ],
    [
      'a model of another kind',
      { 'NAIVE/model.json': '{"format":"pickle"}', 'scaler/s.json': scaler },
      'unknown_model_format',
      /got "pickle"/u,
    ],
  ])('is refused with %s', async (_name, files, code, message) => {
    await put(files);
    await expect(load()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('is refused where its bytes are not those of the manifest', async () => {
    await storeArtifacts(tracking, run, {
      trainingKey: 'key',
      artifacts: [{ path: 'NAIVE/model.json', bytes: Buffer.from(model) }],
    });
    await put({ 'NAIVE/model.json': model.replace('"window":1', '"window":2'), 'scaler/s.json': scaler });
    await expect(load()).rejects.toMatchObject({
      code: 'model_load_failed',
      message: expect.stringMatching(/manifest/u),
    });
  });

  it('is refused where there is no such run', async () => {
    await expect(loadRunModel(tracking, 'gone', 'NAIVE')).rejects.toMatchObject({
      code: 'model_load_failed',
      message: 'expected run gone, got none',
    });
  });
});
