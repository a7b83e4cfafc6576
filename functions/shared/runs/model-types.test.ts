import { describe, expect, it } from 'vitest';
import { claimSettings, readSettings } from '../settings/settings.ts';
import { withModelTypes } from './model-types.ts';

function chosen(rows: number, environment: Record<string, string> = {}, targets = 1): string[] {
  const range = { start: 0, end: rows };
  const settings = readSettings(claimSettings.shape, {
    INPUT_SEQ_LEN: '24',
    OUTPUT_SEQ_LEN: '12',
    ...environment,
  });
  const segments = { fit: range, validate: range, select: range, test: range };
  const roles = { targets: Array.from({ length: targets }, (_, at) => `y${at}`), past: [], future: [] };
  return withModelTypes(settings, { segments, roles }).EXPECTED_MODEL_TYPES;
}
const STATISTICAL = ['AUTOETS', 'AUTOTHETA', 'AUTOCES'];
const SHORT = [...STATISTICAL, 'AUTOARIMA'];

describe('the model types of a claim', () => {
  it('are those that are named, whatever the rows', () => {
    expect(chosen(5, { EXPECTED_MODEL_TYPES: 'TCN,GRU' })).toEqual(['TCN', 'GRU']);
  });

  it('are by default what the rows suffice for', () => {
    expect(chosen(5000)).toEqual(['GRU', 'LSTM', 'PROPHET', ...STATISTICAL]);
    expect(chosen(60)).toEqual(['PROPHET', ...SHORT]);
    expect(chosen(10)).toEqual(SHORT);
    expect(chosen(2)).toEqual(['AUTOTHETA']);
  });

  it('cost no more together than TRAIN_BUDGET, the cheapest first', () => {
    expect(chosen(5000, { TRAIN_BUDGET: '1' })).toEqual(STATISTICAL);
    expect(chosen(100_000, {}, 50)).not.toContain('PROPHET');
  });
});
