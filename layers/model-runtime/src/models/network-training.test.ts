import { describe, expect, it } from 'vitest';
import { learningRateOf } from './network-training.ts';

describe('the learning rate', () => {
  it('falls from LEARNING_RATE by half a cosine, nearly to 2 % of it in the last epoch', () => {
    const rates = [1, 2, 3, 4].map((epoch) => learningRateOf(epoch, { learningRate: 0.01, epochs: 4 }));
    const cosine = (epoch: number): number =>
      0.01 * (0.02 + 0.98 * 0.5 * (1 + Math.cos((Math.PI * epoch) / 4)));
    for (const [index, rate] of rates.entries()) expect(rate).toBeCloseTo(cosine(index), 12);
    expect(rates[0]).toBe(0.01);
  });
});
