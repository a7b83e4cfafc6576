import { z } from 'zod';
import { RuntimeError } from '../../errors.ts';
import type { Columns, ModelFile, ModelInfo, TrainedModel } from '../../types.ts';
import { checked, type Family } from '../family.ts';
import type { Forecaster } from '../forecaster.ts';
import { modelInfo } from '../model-json.ts';

const FORMAT = 'flts-ensemble/1';

const ensembleJson = z.object({
  info: modelInfo.extend({ modelType: z.literal('ENSEMBLE') }),
  /** Types of the members; the model.json of each lies beside this one as <type>.json. */
  members: z.array(z.string()).min(2),
});

/** Members that an ensemble takes where they are trained: their median was the second best statistical entry of the M4 competition. */
export const ENSEMBLE_MEMBERS: readonly string[] = ['AUTOETS', 'AUTOTHETA', 'AUTOCES', 'AUTOARIMA'];

/** The median of its members' forecasts, step by step (Petropoulos and Svetunkov 2020). */
export const ensemble: Family = {
  type: 'ENSEMBLE',
  summary: `The median of ${ENSEMBLE_MEMBERS.join(', ')}, step by step (Petropoulos and Svetunkov 2020).`,
  version: 1,
  shares: [],
  settings: [],
  fits: 'each target by itself',
  leastRows: () => 1,
  trainer: null,
  combines: ENSEMBLE_MEMBERS,
  format: FORMAT,
  readInfo: (json) => checked(ensembleJson, json).info,
  fit: () =>
    Promise.reject(
      new RuntimeError('setting_invalid', 'expected models to combine, got ENSEMBLE to fit by itself'),
    ),
  load: async (json, files, options) => {
    const { info, members } = checked(ensembleJson, json);
    const { loadForecaster } = await import('../load.ts');
    const forecasters = await Promise.all(
      members.map((type) => loadForecaster([{ path: 'model.json', bytes: fileOf(files, type) }], options)),
    );
    return medianForecaster(info, forecasters);
  },
};

export interface Member {
  readonly modelType: string;
  readonly info: ModelInfo;
  /** Its model.json, all that it is. */
  readonly json: Uint8Array;
}

/** A model of models that are trained already; two at least, of the same targets. */
export function combine(members: readonly [Member, Member, ...Member[]]): TrainedModel {
  const contextRows = Math.max(...members.map(({ info }) => info.contextRows));
  const info = { ...members[0].info, modelType: 'ENSEMBLE', contextRows };
  const types = members.map(({ modelType }) => modelType);
  const model = { format: FORMAT, info, members: types };
  return {
    modelType: 'ENSEMBLE',
    files: [
      { path: 'model.json', bytes: Buffer.from(JSON.stringify(model)) },
      ...members.map(({ modelType, json }) => ({ path: `${modelType}.json`, bytes: json })),
    ],
    params: { members: types.join() },
    history: [],
  };
}

function fileOf(files: readonly ModelFile[], type: string): Uint8Array {
  const file = files.find(({ path }) => path === `${type}.json`);
  if (file !== undefined) return file.bytes;
  const got = files.map(({ path }) => path).join(', ');
  throw new RuntimeError('model_corrupt', `expected ${type}.json beside model.json, got ${got}`);
}

function medianForecaster(info: ModelInfo, members: readonly Forecaster[]): Forecaster {
  const { targets } = info.roles;
  return {
    info,
    forecast: (of) => {
      const all = members.map((member) => member.forecast(of));
      const [first] = all;
      const deviations = all.map((forecast) => forecast.deviations ?? {});
      return {
        ts: first?.ts ?? new Float64Array(),
        values: medians(
          targets,
          all.map(({ values }) => values),
        ),
        deviations: medians(targets, deviations),
        recursiveFromStep: null,
      };
    },
    backtest: (of) => ({
      values: medians(
        targets,
        members.map((member) => member.backtest(of).values),
      ),
    }),
    dispose: () => members.forEach((member) => member.dispose()),
  };
}

/** Of each target at each place over all columns; columns that a member lacks do not count. */
function medians(targets: readonly string[], all: readonly Columns[]): Columns {
  return Object.fromEntries(
    targets.map((target) => {
      const known = all.flatMap((columns) => columns[target] ?? []);
      return [
        target,
        Float64Array.from(known[0] ?? [], (_, at) => median(known.map((column) => column[at] ?? Number.NaN))),
      ];
    }),
  );
}

/** Of an even number the mean of both in the middle. */
function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).toSorted();
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2;
}
