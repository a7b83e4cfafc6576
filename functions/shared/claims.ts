import { contentHash } from './hash.ts';
import { GLOBAL_IDENTIFIER } from './topics.ts';
import type { Envelope } from './messages/schema.ts';

/** What identifies an upload: the same bytes uploaded again are a new claim (another sequencer) on old content. */
export interface UploadIdentity {
  readonly bucket: string;
  /** Decoded. */
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  readonly sequencer: string;
}

export function claimIdOfUpload({ bucket, key, etag, sequencer }: UploadIdentity): string {
  return contentHash({ bucket, key, etag, sequencer });
}

/** Of one group of an upload's rows: the same each time the upload is processed. */
export function claimIdOfGroup(uploadClaimId: string, group: string): string {
  return contentHash({ claim_id: uploadClaimId, group });
}

/** The envelope of a message that hands a claim on. */
export function handOn(claim: Omit<Envelope, 'v' | 'produced_at'>, now: number): Envelope {
  const { identifier, config_hash, claim_id, claimed_at } = claim;
  return { v: 1, identifier, config_hash, claim_id, claimed_at, produced_at: new Date(now).toISOString() };
}

/** Object keys arrive form-url-encoded in S3 notifications: space as +, a literal + as %2B. */
export function decodeObjectKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}

/** How the name of a data file ends; text may be packed under any of its names. */
const ENDING = String.raw`\.(?:parquet|(?:csv|jsonl|ndjson)(?:\.(?:gz|zst))?)$`;
const DATA_FILE = new RegExp(`^(.+)${ENDING}`, 'iu');
const LOWER_CASE_ENDING = new RegExp(ENDING, 'u');

/**
 * `<identifier>` of dataset/<identifier>.csv (.jsonl, .ndjson, .parquet, .csv.gz, …), <identifier>_test.csv and
 * <identifier>.config.json, and which of them it is.
 */
export function datasetObject(key: string): {
  identifier: string;
  kind: 'train' | 'test' | 'config' | 'other';
} {
  const config = /^(.+)\.config\.json$/u.exec(key)?.[1];
  if (config !== undefined) return { identifier: config, kind: 'config' };
  const data = DATA_FILE.exec(key)?.[1];
  if (data === undefined) return { identifier: key, kind: 'other' };
  const train = /^(.+)_test$/u.exec(data)?.[1];
  return train === undefined ? { identifier: data, kind: 'train' } : { identifier: train, kind: 'test' };
}

/** Whether no data set may have this name, since something else goes by it: the newest promotion of all. */
export function isReserved(identifier: string): boolean {
  return identifier === GLOBAL_IDENTIFIER;
}

/** Whether preprocess takes an object of this name for a data file: its ending is in lower case. */
export function isDataFile(key: string): boolean {
  return LOWER_CASE_ENDING.test(key);
}

/** What is wrong with a data set of that name; undefined where nothing is. */
export function reservedProblem(identifier: string): string | undefined {
  return isReserved(identifier)
    ? `expected another identifier than ${identifier}, which stands for the newest promotion of all, got it`
    : undefined;
}
