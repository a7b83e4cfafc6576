import { expect, it } from 'vitest';
import { LowWaterMark } from './low-water-mark.ts';

it('moves only over what is done without a gap', () => {
  const mark = new LowWaterMark();
  for (const offset of [3, 4, 7, 8]) mark.begin(offset);
  expect(mark.mark).toBeUndefined();
  mark.done(4);
  expect(mark.mark).toBeUndefined();
  mark.done(3);
  expect(mark.mark).toBe(5);
  mark.done(8);
  expect(mark.mark).toBe(5);
  mark.done(7);
  expect(mark.mark).toBe(9);
});
