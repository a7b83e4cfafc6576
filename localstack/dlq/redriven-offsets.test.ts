import { describe, expect, it } from 'vitest';
import { RedrivenOffsets } from './redriven-offsets.ts';

const state = ({ mark, metadata }: RedrivenOffsets) => ({ mark, metadata });

describe('RedrivenOffsets', () => {
  it('moves the mark over what comes in order', () => {
    expect(state(new RedrivenOffsets(3).with([3, 4]))).toEqual({ mark: 5, metadata: '' });
  });

  it('keeps ranges beyond what was passed over, and closes the gap later', () => {
    const scattered = new RedrivenOffsets(0).with([1, 3, 4, 5]);
    expect(state(scattered)).toEqual({ mark: 0, metadata: '1,3-5' });
    expect([0, 1, 2, 3, 5, 6].map((offset) => scattered.has(offset))).toEqual([
      false,
      true,
      false,
      true,
      true,
      false,
    ]);
    expect(scattered.left(8)).toBe(4);
    expect(state(scattered.with([0]))).toEqual({ mark: 2, metadata: '3-5' });
    expect(state(scattered.with([0, 2]))).toEqual({ mark: 6, metadata: '' });
  });

  it('reads back what it wrote', () => {
    const scattered = new RedrivenOffsets(2).with([4, 6, 7]);
    expect(state(new RedrivenOffsets(scattered.mark, scattered.metadata))).toEqual(state(scattered));
    expect(state(scattered.with([5]))).toEqual({ mark: 2, metadata: '4-7' });
  });

  it("takes another tool's metadata for none", () => {
    expect(state(new RedrivenOffsets(2, 'anything, really'))).toEqual({ mark: 2, metadata: '' });
  });

  it('knows when the gaps are too many to be remembered', () => {
    const even = (count: number) => Array.from({ length: count }, (_, index) => 2 * index + 1);
    expect(new RedrivenOffsets(0).with(even(500)).fits).toBe(true);
    expect(new RedrivenOffsets(0).with(even(2000)).fits).toBe(false);
  });
});
