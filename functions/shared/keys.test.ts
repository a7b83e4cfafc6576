import { describe, expect, it } from 'vitest';
import { dayFolder, partKey } from '../record/day-parts.ts';
import { reportKey } from './dataset/report.ts';
import * as keys from './keys.ts';
import { newestClaimKey, statusPrefix } from './status.ts';

const HASH = 'f'.repeat(64);
const longest = '車'.repeat(288) + 'x';

describe('an identifier', () => {
  it('may be of 865 bytes and of 500 letters, and no longer', () => {
    expect(Buffer.byteLength(longest)).toBe(865);
    expect(keys.identifierProblem(longest)).toBeUndefined();
    expect(keys.identifierProblem('x'.repeat(500))).toBeUndefined();
    expect(keys.identifierProblem(`${longest}x`)).toContain(
      'at most 865 bytes and 500 letters, got 866 and 290',
    );
    expect(keys.identifierProblem('x'.repeat(501))).toContain('got 501 and 501');
    expect(keys.identifierProblem('🚀'.repeat(216))).toBeUndefined();
  });

  it('of that length makes no key that S3 cannot hold', () => {
    const made = [
      keys.metaKey(longest, HASH),
      keys.trainKey(longest, HASH),
      keys.testKey(longest, HASH),
      keys.scalerKey(longest, HASH),
      keys.leaseKey(longest, HASH, HASH),
      keys.checkpointKey(longest, HASH, HASH),
      `${keys.pendingPrefix(longest)}${HASH}.json`,
      keys.pointerKey(longest),
      reportKey(longest, HASH),
      newestClaimKey(longest),
      `${statusPrefix(longest, HASH)}train-SEASONAL_NAIVE_X.json`,
      `${longest}/status/training-file.json`,
      `${longest}/test_processed_data.parquet`,
      keys.markerKey(keys.claimFolder(longest, HASH, HASH), 'SEASONAL_NAIVE_X'),
      `${longest}/${HASH}/promotion-1714564800000-ffffffff.json`,
      partKey(dayFolder(longest, '20240501'), 12_345),
      `${longest}_test.ndjson.gz`,
      `${longest}.config.json`,
    ];
    expect(made.filter((key) => Buffer.byteLength(key) > 1024)).toEqual([]);
    expect(Math.max(...made.map((key) => Buffer.byteLength(key)))).toBe(1024);
  });
});
