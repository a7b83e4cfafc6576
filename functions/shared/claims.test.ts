import { describe, expect, it } from 'vitest';
import {
  claimIdOfGroup,
  claimIdOfUpload,
  datasetObject,
  decodeObjectKey,
  handOn,
  isDataFile,
} from './claims.ts';
import { contentHash } from './hash.ts';

const upload = { bucket: 'dataset', key: 'a.csv', etag: '0f', sequencer: '0A' };

describe('a claim', () => {
  it('is named by the bucket, key, ETag and sequencer of its upload', () => {
    expect(claimIdOfUpload(upload)).toBe(contentHash(upload));
    const others = [{ bucket: 'x' }, { key: 'b.csv' }, { etag: '1f' }, { sequencer: '0B' }];
    const ids = others.map((change) => claimIdOfUpload({ ...upload, ...change }));
    expect(new Set([claimIdOfUpload(upload), ...ids]).size).toBe(5);
  });

  it('of a group is named by its upload’s claim and the group’s value', () => {
    expect(claimIdOfGroup('c', 'a')).toBe(contentHash({ claim_id: 'c', group: 'a' }));
    const ids = [claimIdOfGroup('c', 'a'), claimIdOfGroup('c', 'b'), claimIdOfGroup('d', 'a')];
    expect(new Set(ids).size).toBe(3);
  });

  it('is handed on unchanged but for the time of production', () => {
    const claim = {
      identifier: 'a',
      config_hash: 'b',
      claim_id: 'c',
      claimed_at: '2024-05-01T12:00:00.000Z',
    };
    const more = { ...claim, v: 1, produced_at: 'before', settings: {} };
    expect(handOn(more, Date.UTC(2024, 4, 2))).toEqual({
      v: 1,
      ...claim,
      produced_at: '2024-05-02T00:00:00.000Z',
    });
  });
});

describe('the key of a notification', () => {
  it.each([
    ['a.csv', 'a.csv'],
    ['a+b.csv', 'a b.csv'],
    ['1%2B2.csv', '1+2.csv'],
    ['100%25.csv', '100%.csv'],
    ['folder/caf%C3%A9.csv', 'folder/café.csv'],
  ])('decodes %s to %s', (encoded, key) => {
    expect(decodeObjectKey(encoded)).toBe(key);
  });
});

describe('an object of the dataset bucket', () => {
  it.each([
    ['us-flights.csv', 'us-flights', 'train'],
    ['us-flights.parquet', 'us-flights', 'train'],
    ['US.CSV', 'US', 'train'],
    ['us-flights.jsonl', 'us-flights', 'train'],
    ['us-flights.ndjson', 'us-flights', 'train'],
    ['us-flights.csv.gz', 'us-flights', 'train'],
    ['us-flights_test.jsonl.zst', 'us-flights', 'test'],
    ['us-flights.parquet.gz', 'us-flights.parquet.gz', 'other'],
    ['us-flights_test.csv', 'us-flights', 'test'],
    ['us-flights.config.json', 'us-flights', 'config'],
    ['a.b_test.c.csv', 'a.b_test.c', 'train'],
    ['_test.csv', '_test', 'train'],
    ['notes.txt', 'notes.txt', 'other'],
    ['.csv', '.csv', 'other'],
  ])('%s belongs to %s as %s', (key, identifier, kind) => {
    expect(datasetObject(key)).toEqual({ identifier, kind });
  });

  it.each([
    ['a.csv', true],
    ['a.ndjson.zst', true],
    ['a.parquet', true],
    ['a.CSV', false],
    ['a.csv.GZ', false],
    ['a.config.json', false],
  ])('%s is a data file: %s', (key, expected) => {
    expect(isDataFile(key)).toBe(expected);
  });
});
