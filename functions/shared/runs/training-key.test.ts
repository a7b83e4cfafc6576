import { FAMILIES } from '@flts/model-runtime/families';
import { describe, expect, it } from 'vitest';
import { claimSettings, readSettings } from '../settings/settings.ts';
import { trainingKey } from './training-key.ts';

const keyOf = (modelType: string, environment: Record<string, string> = {}): string =>
  trainingKey({
    identifier: 'load',
    configHash: 'c'.repeat(64),
    modelType,
    settings: readSettings(claimSettings.shape, environment),
  });
const changes = (modelType: string, environment: Record<string, string>): boolean =>
  keyOf(modelType, environment) !== keyOf(modelType);

describe('a training_key', () => {
  it('holds the settings that its family reads, and no others', () => {
    expect(changes('GRU', { HIDDEN_SIZE: '8' })).toBe(true);
    expect(changes('PROPHET', { HIDDEN_SIZE: '8' })).toBe(false);
    expect(changes('PROPHET', { SEED: '1' })).toBe(true);
    expect(changes('NAIVE', { SEED: '1', LOSS: 'mae' })).toBe(false);
    expect(changes('GRU', { PROMOTION_GATE: 'none', TFJS_BACKEND: 'node' })).toBe(false);
  });

  it('holds the window and the horizon that its run is scored on, whatever the family', () => {
    for (const { type } of FAMILIES) {
      expect([type, changes(type, { INPUT_SEQ_LEN: '11' })]).toEqual([type, true]);
      expect([type, changes(type, { OUTPUT_SEQ_LEN: '2' })]).toEqual([type, true]);
    }
  });

  it('differs between families', () => {
    expect(new Set(FAMILIES.map(({ type }) => keyOf(type))).size).toBe(FAMILIES.length);
  });

  it('of a type that nobody knows is an error', () => {
    expect(() => keyOf('ARIMAX')).toThrow(
      expect.objectContaining({ code: 'unknown_model_type', message: expect.stringMatching(/got ARIMAX$/u) }),
    );
  });
});
