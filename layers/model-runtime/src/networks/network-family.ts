import { checked, type Family } from '../families/family.ts';
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
export function networkFamily({ type, summary, version }: Architecture): Family {
  return {
    type,
    summary,
    version,
    shares: ['kernels', 'networks', 'windows', 'scaling', 'calendar'],
    settings: SETTINGS,
    fits: 'all targets at once',
    leastRows: ({ inputSeqLen, outputSeqLen }) => inputSeqLen + outputSeqLen,
    trainer: `train-${type.toLowerCase().replaceAll('_', '-')}`,
    format: 'layers-model',
    readInfo: (json) => checked(networkJson, json).userDefinedMetadata.flts,
    fit: async (task, hooks) => (await import('./train-network.ts')).trainNetwork(task, hooks),
    load: async (json, files, options) =>
      (await import('./load-network.ts')).loadNetworkForecaster(json, files, options),
  };
}
