import { describe, expect, it } from 'vitest';
import { parseNumbers } from './cells.ts';

describe('cells', () => {
  it('are numbers, text that is one, or null', () => {
    expect(parseNumbers([1.5, '2', ' -3e2 ', null, '.5', '+1.'], 'load')).toEqual(
      Float64Array.of(1.5, 2, -300, NaN, 0.5, 1),
    );
  });

  it.each([['much'], [''], ['NaN'], ['0x10'], ['1_000'], [true], [[1]], ['1e999']])(
    'name column, row and value of %j',
    (value) => {
      expect(() => parseNumbers([1, null, value], 'load')).toThrow(
        expect.objectContaining({
          code: 'column_not_numeric',
          status: 400,
          message: expect.stringContaining(`column "load", row 2, got ${JSON.stringify(value)}`),
        }),
      );
    },
  );
});
