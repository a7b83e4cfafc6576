import { describe, expect, it } from 'vitest';
import { preprocessSettings } from '../../shared/settings/settings.ts';
import { assignRoles, refuseReserved } from './roles.ts';

const columns = ['d', 'a', 'c', 'b'];
const none = { TARGET_COLUMNS: [], FUTURE_COLUMNS: [] };

describe('assignRoles', () => {
  it('makes every numeric column a target where none are named', () => {
    expect(assignRoles(columns, none, ['hour'])).toEqual({ targets: columns, past: [], future: ['hour'] });
  });

  it('keeps the order of the source in each role, whatever the settings’ order', () => {
    const settings = { TARGET_COLUMNS: ['b', 'a'], FUTURE_COLUMNS: ['c'] };

    expect(assignRoles(columns, settings, [])).toEqual({ targets: ['a', 'b'], past: ['d'], future: ['c'] });
  });

  it('makes known-future columns no targets', () => {
    expect(assignRoles(columns, { ...none, FUTURE_COLUMNS: ['a'] }, []).targets).toEqual(['d', 'c', 'b']);
  });

  it.each([
    [{ ...none, TARGET_COLUMNS: ['x'] }, 'column_missing', 'TARGET_COLUMNS among d, a, c, b, got x'],
    [{ ...none, FUTURE_COLUMNS: ['x', 'a'] }, 'column_missing', 'got x'],
    [{ TARGET_COLUMNS: ['a'], FUTURE_COLUMNS: ['a'] }, 'setting_invalid', '"a" in both'],
    [{ ...none, FUTURE_COLUMNS: columns }, 'column_missing', 'at least one target'],
  ])('refuses %j', (settings, code, message) => {
    expect(() => assignRoles(columns, settings, [])).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});

describe('refuseReserved', () => {
  const USUAL = preprocessSettings.parse({});

  it('takes a column called like a calendar feature that is asked for as taken', () => {
    const settings = preprocessSettings.parse({ TIME_FEATURES: 'month' });
    expect(() => refuseReserved(['a', 'Month_Cos'], settings, 'dataset/x.csv')).toThrow('got "Month_Cos"');
  });

  it.each(['ts', 'BLOCK', 'inserted', 'segment', 'load__actual', 'x__ACTUAL'])(
    'refuses a column %s',
    (name) => {
      expect(() => refuseReserved(['a', name], USUAL, 'dataset/x.csv')).toThrow(
        expect.objectContaining({
          code: 'column_reserved',
          message: expect.stringContaining(`got "${name}"`),
        }),
      );
    },
  );

  it('lets other columns through', () => {
    expect(() => refuseReserved(['a', 'actual', 'tsunami', 'hour_sin'], USUAL, 'x')).not.toThrow();
  });
});
