/** Where each object lies in its bucket; the names that contract clients rely on. */
export const processedFolder = (identifier: string, configHash: string): string =>
  `${identifier}/${configHash}`;
export const metaKey = (identifier: string, configHash: string): string =>
  `${identifier}/${configHash}/meta.json`;
export const trainKey = (identifier: string, configHash: string): string =>
  `${identifier}/${configHash}/train.parquet`;
export const testKey = (identifier: string, configHash: string): string =>
  `${identifier}/${configHash}/test.parquet`;
export const scalerKey = (identifier: string, configHash: string): string =>
  `${identifier}/${configHash}/scaler.json`;
export const leaseKey = (identifier: string, configHash: string, trainingKey: string): string =>
  `${identifier}/${configHash}/leases/${trainingKey}.json`;
export const checkpointKey = (identifier: string, configHash: string, trainingKey: string): string =>
  `${identifier}/${configHash}/checkpoints/${trainingKey}.ckpt`;
export const pendingPrefix = (identifier: string): string => `${identifier}/pending/`;
export const pointerKey = (identifier: string): string => `${identifier}/current.json`;
export const ROOT_POINTER_KEY = 'current.json';
