import { KEY_LIMIT } from './storage/storage.ts';

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

export const claimFolder = (identifier: string, configHash: string, claimId: string): string =>
  `${identifier}/${configHash}/claims/${claimId}`;
export const markerKey = (folder: string, modelType: string): string => `${folder}/${modelType}.json`;

const HASH = '0'.repeat(64);
/** Longer than any. */
const MODEL_TYPE = 'X'.repeat(16);
/** The longest name that any stage makes of an identifier; a test goes through all of them. */
const LONGEST_REST = Buffer.byteLength(markerKey(claimFolder('', HASH, HASH), MODEL_TYPE));
/** Bytes of UTF-8. */
const IDENTIFIER_LIMIT = KEY_LIMIT - LONGEST_REST;
/** Where names of MLflow's experiments end. */
const EXPERIMENT_LETTERS = 500;

/** What is wrong with an identifier, of which keys and an experiment are named; undefined where nothing is. */
export function identifierProblem(identifier: string): string | undefined {
  const [bytes, letters] = [Buffer.byteLength(identifier), Array.from(identifier).length];
  if (bytes <= IDENTIFIER_LIMIT && letters <= EXPERIMENT_LETTERS) return undefined;
  return `expected an identifier of at most ${IDENTIFIER_LIMIT} bytes and ${EXPERIMENT_LETTERS} letters, got ${bytes} and ${letters}`;
}
