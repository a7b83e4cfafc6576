import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-wasm';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

export interface PlainForecastOf {
  /** model.json, parsed. */
  readonly model: Record<string, unknown>;
  readonly weights: Uint8Array;
  readonly scaler: {
    readonly columns: Readonly<Record<string, { readonly offset: number; readonly scale: number }>>;
  };
  /** Epoch ms of the window's rows, UTC. */
  readonly times: readonly number[];
  readonly columns: Readonly<Record<string, readonly number[]>>;
  readonly targets: readonly string[];
}

/** What anyone gets who knows TF.js alone: loads the standard files, scales, predicts, scales back. [step][target] */
export async function plainTfjsForecast({
  model,
  weights,
  scaler,
  times,
  columns,
  targets,
}: PlainForecastOf): Promise<number[][]> {
  setWasmPaths(
    `${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/dist/`,
  );
  await tf.setBackend('wasm');
  const manifest = model['weightsManifest'] as { weights: tf.io.WeightsManifestEntry[] }[];
  const weightData = weights.buffer.slice(
    weights.byteOffset,
    weights.byteOffset + weights.byteLength,
  ) as ArrayBuffer;
  const artifacts = {
    modelTopology: model['modelTopology'] as object,
    weightSpecs: manifest.flatMap((group) => group.weights),
    weightData,
  };
  const loaded = await loadLayersModel(tf.io.fromMemory(artifacts));
  const scaled = (name: string, value: number): number => {
    const { offset = 0, scale = 1 } = scaler.columns[name] ?? {};
    return (value - offset) / scale;
  };
  const window = times.map((time, row) => [
    ...targets.map((name) => scaled(name, columns[name]?.[row] ?? Number.NaN)),
    ...calendar(time),
  ]);
  const output = loaded.predict(tf.tensor3d([window])) as tf.Tensor;
  const [steps = []] = (await output.array()) as number[][][];
  return steps.map((step) =>
    step.map((value, index) => {
      const { offset = 0, scale = 1 } = scaler.columns[targets[index] ?? ''] ?? {};
      return value * scale + offset;
    }),
  );
}

/** minute of day, day of week (Monday 0), day of year (1 January 0): sine and cosine of each, as the README of model-runtime defines them. */
function calendar(time: number): number[] {
  const date = new Date(time);
  const minute = date.getUTCHours() * 60 + date.getUTCMinutes();
  const weekday = (date.getUTCDay() + 6) % 7;
  const yearDay = Math.floor(
    (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) -
      Date.UTC(date.getUTCFullYear(), 0, 1)) /
      86_400_000,
  );
  return [minute / 1440, weekday / 7, yearDay / 365.25].flatMap((share) => [
    Math.sin(2 * Math.PI * share),
    Math.cos(2 * Math.PI * share),
  ]);
}
