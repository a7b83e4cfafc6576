import { describe, expect, it } from 'vitest';
import { NETWORK_TYPES } from '../families/networks.ts';
import { initialWeights } from './initial-weights.ts';
import { weightShapes } from './weights.ts';

const shape = { steps: 2, features: 3, units: 5, layers: 2, horizon: 2, targets: 2 };

describe('initial weights', () => {
  it('have an orthogonal recurrent kernel for each gate', () => {
    const [, recurrent = new Float32Array()] = initialWeights({ family: 'GRU', ...shape }, 1);
    for (let gate = 0; gate < 3; gate += 1) {
      const row = (at: number): Float32Array =>
        recurrent.subarray((at * 3 + gate) * 5, (at * 3 + gate + 1) * 5);
      const products = Array.from({ length: 25 }, (_, at) =>
        row(Math.floor(at / 5)).reduce((sum, value, k) => sum + value * (row(at % 5)[k] ?? NaN), 0),
      );
      for (const [at, product] of products.entries()) expect(product).toBeCloseTo(at % 6 === 0 ? 1 : 0, 6);
    }
  });

  it('lie within Glorot’s limit, and start LSTM’s forget gate open', () => {
    const [kernel, , bias] = initialWeights({ family: 'LSTM', ...shape }, 1);
    const limit = Math.sqrt(6 / (3 + 20));
    expect(kernel).toHaveLength(60);
    expect(Math.max(...(kernel ?? []).map(Math.abs))).toBeLessThanOrEqual(limit);
    expect(Math.max(...(kernel ?? []).map(Math.abs))).toBeGreaterThan(limit * 0.9);
    expect([...(bias ?? [])]).toEqual([...Array(5).fill(0), ...Array(5).fill(1), ...Array(10).fill(0)]);
  });

  it('lie within He’s limit before TCN’s rectifiers', () => {
    const [kernel = [], bias] = initialWeights({ family: 'TCN', ...shape }, 1);
    const limit = Math.sqrt(6 / (3 * 3));
    expect(kernel).toHaveLength(45);
    expect(Math.max(...kernel.map(Math.abs))).toBeLessThanOrEqual(limit);
    expect(Math.max(...kernel.map(Math.abs))).toBeGreaterThan(limit * 0.9);
    expect([...(bias ?? [])]).toEqual(Array(5).fill(0));
  });

  it('have the factor of TETS’ scores in its queries, and norms that change nothing', () => {
    const arrays = initialWeights({ family: 'TETS', ...shape, units: 8 }, 1);
    const names = weightShapes({ family: 'TETS', ...shape, units: 8 }).map(({ name }) => name);
    const most = (name: string): number => Math.max(...(arrays[names.indexOf(name)] ?? []).map(Math.abs));
    const limit = Math.sqrt(6 / (8 + 2));
    expect(most('key_1_4/kernel')).toBeGreaterThan(limit * 0.8);
    expect(most('query_1_4/kernel')).toBeGreaterThan((limit * 0.8) / Math.sqrt(2));
    expect(most('query_1_4/kernel')).toBeLessThanOrEqual(limit / Math.sqrt(2));
    expect(most('position/embeddings')).toBeLessThanOrEqual(0.05);
    expect([...(arrays[names.indexOf('norm_2_1/gamma')] ?? [])]).toEqual(Array(8).fill(1));
    expect(most('norm_2_1/beta')).toBe(0);
  });

  it.each(NETWORK_TYPES)('of %s follow from the seed', (family) => {
    const of = (seed: number): Float32Array[] => initialWeights({ family, ...shape }, seed);
    expect(of(4)).toEqual(of(4));
    expect(of(4)).not.toEqual(of(5));
  });
});
