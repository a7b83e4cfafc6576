import { checked, type Family, type TrainingFacts } from '../families/family.ts';
import type { TrainSettings } from '../types.ts';
import type { Architecture } from './architecture.ts';
import { networkJson } from './network-json.ts';

/** Of every network; TF.js's backend has a say on loaded models alone. */
const SETTINGS: readonly (keyof TrainSettings)[] = [
  'inputSeqLen',
  'outputSeqLen',
  'epochs',
  'batchSize',
  'learningRate',
  'hiddenSize',
  'numLayers',
  'loss',
  'dropout',
  'weightDecay',
  'clipNorm',
  'earlyStopping',
  'earlyStoppingPatience',
  'seed',
  'fastMath',
];

/** A network as a family: trained on the kernels, stored as a TF.js LayersModel. */
export function networkFamily({ type, summary, version, isUsual = false }: Architecture): Family {
  return {
    type,
    summary,
    version,
    shares: ['kernels', 'networks', 'windows', 'scaling', 'calendar'],
    settings: SETTINGS,
    fits: 'all targets at once',
    leastRows: ({ inputSeqLen, outputSeqLen }) => inputSeqLen + outputSeqLen,
    ...(isUsual ? { seconds: secondsOf } : {}),
    trainer: `train-${type.toLowerCase().replaceAll('_', '-')}`,
    format: 'layers-model',
    readInfo: (json) => checked(networkJson, json).userDefinedMetadata.flts,
    fit: async (task, hooks) => (await import('./train-network.ts')).trainNetwork(task, hooks),
    load: async (json, files, options) =>
      (await import('./load-network.ts')).loadNetworkForecaster(json, files, options),
  };
}

/** Fewer windows teach a network nothing that a simpler model does not know. */
const LEAST_WINDOWS = 50;
/** Steps of a window that a layer of 64 units goes through a second, in training. */
const STEPS_A_SECOND = 150_000;

function secondsOf({ rows, validateRows, settings }: TrainingFacts): number | undefined {
  const { inputSeqLen, outputSeqLen, epochs, hiddenSize, numLayers } = settings;
  const windows = rows - inputSeqLen - outputSeqLen;
  if (windows < LEAST_WINDOWS || validateRows < outputSeqLen) return undefined;
  const work = Math.max(0.2, (hiddenSize / 64) ** 2) * numLayers;
  return (epochs * windows * inputSeqLen * work) / STEPS_A_SECOND;
}
