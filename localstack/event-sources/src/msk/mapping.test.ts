import { expect, it } from 'vitest';
import { retryLimit } from './mapping.ts';

it('retries for ever by default, ten times where there is an on-failure topic, as often as told otherwise', () => {
  expect(retryLimit({})).toBe(-1);
  expect(retryLimit({ onFailure: 'kafka://dead' })).toBe(10);
  expect(retryLimit({ onFailure: 'kafka://dead', maximumRetryAttempts: -1 })).toBe(10);
  expect(retryLimit({ onFailure: 'kafka://dead', maximumRetryAttempts: 40 })).toBe(40);
  expect(retryLimit({ maximumRetryAttempts: 0 })).toBe(0);
});
