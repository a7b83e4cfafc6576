import { describe, expect, it } from 'vitest';
import type { KafkaRecord } from '../kafka/record.ts';
import { AttemptCounter } from './attempts.ts';

const batch = [0, 1, 2, 3].map((offset): KafkaRecord => ({
  topic: 't',
  partition: 0,
  offset,
  timestamp: 0,
  timestampType: 'CREATE_TIME',
  key: null,
  value: null,
  headers: {},
}));

function settle(counter: AttemptCounter, failed: readonly number[], from = 0) {
  const { givenUp, rest } = counter.settle(batch.slice(from), new Set(failed));
  return { givenUp: givenUp.map(({ offset }) => offset), rest: rest.map(({ offset }) => offset) };
}

describe('AttemptCounter', () => {
  it('is done with a batch in which nothing failed', () => {
    expect(settle(new AttemptCounter(0), [])).toEqual({ givenUp: [], rest: [] });
  });

  it('goes on with the first failed record while it may be retried', () => {
    const counter = new AttemptCounter(-1);
    for (let attempt = 1; attempt <= 50; attempt++) {
      expect(settle(counter, [1, 3])).toEqual({ givenUp: [], rest: [1, 2, 3] });
    }
    expect(counter.failures(1)).toBe(50);
  });

  it('gives up what failed more often than allowed, and only that', () => {
    const counter = new AttemptCounter(1);
    expect(settle(counter, [1])).toEqual({ givenUp: [], rest: [1, 2, 3] });
    expect(settle(counter, [1, 3], 1)).toEqual({ givenUp: [1], rest: [2, 3] });
    expect(settle(counter, [3], 2)).toEqual({ givenUp: [3], rest: [] });
  });

  it('lets the records behind a named one come again once it is given up, for they may have waited for it', () => {
    const counter = new AttemptCounter(0);
    expect(settle(counter, [1])).toEqual({ givenUp: [1], rest: [2, 3] });
    expect(settle(counter, [], 2)).toEqual({ givenUp: [], rest: [] });
  });

  it('gives up neighbours that are exhausted together', () => {
    expect(settle(new AttemptCounter(0), [1, 2])).toEqual({ givenUp: [1, 2], rest: [3] });
  });

  it('gives up a whole batch that failed as a whole', () => {
    expect(settle(new AttemptCounter(0), [0, 1, 2, 3])).toEqual({ givenUp: [0, 1, 2, 3], rest: [] });
  });
});
