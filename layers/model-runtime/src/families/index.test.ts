import { describe, expect, it } from 'vitest';
import { taskOf, seasonalSeries } from '../testing/series.ts';
import { FAMILIES, familyIdentity, familyOf } from './index.ts';
import { trainModel } from './train.ts';

describe('the families', () => {
  it('have a type of their own each, in capitals', () => {
    const types = FAMILIES.map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
    for (const type of types) expect(type).toMatch(/^[A-Z][A-Z0-9_]*$/u);
  });

  it('are each found by their type; another one trains nothing', async () => {
    for (const family of FAMILIES) expect(familyOf(family.type)).toBe(family);
    const task = { ...taskOf('PROPHET', seasonalSeries(240)), modelType: 'PROPHETE' };
    await expect(trainModel(task)).rejects.toMatchObject({
      code: 'unknown_model_type',
      message: expect.stringMatching(/among GRU, .*, got PROPHETE$/u),
    });
  });

  it('name in their identity the code that they share: kernels of networks alone', () => {
    const { settings } = taskOf('GRU', seasonalSeries(240));
    const shared = (type: string): string[] => Object.keys(Object(familyIdentity(type, settings)['shared']));
    expect(shared('GRU')).toEqual(['kernels', 'networks', 'windows', 'scaling', 'calendar', 'evaluation']);
    expect(shared('PROPHET')).toEqual(['calendar', 'evaluation']);
    expect(shared('NAIVE')).toEqual(['evaluation']);
    const digests = Object.values(Object(familyIdentity('GRU', settings)['shared']));
    for (const digest of digests) expect(digest).toMatch(/^[0-9a-f]{16}$/u);
  });
});
