import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { preprocessSettings } from '../../shared/settings/settings.ts';
import { hours, range, tableOf } from '../../shared/testing/tables.ts';
import { buildDataset } from '../testing/in-memory.ts';
import { HOLIDAY_DATA, loadHolidays } from './holidays.ts';

const at = Date.parse;
const of = async (place: string, year: number): Promise<string[]> => {
  const dates = await loadHolidays(place);
  return (dates?.(at('2024-06-01'), at('2024-06-02')) ?? []).filter((date) => date.startsWith(`${year}-`));
};

describe('public holidays', () => {
  it('are those of the country, or of its state', async () => {
    expect(await of('ES', 2024)).toEqual(expect.arrayContaining(['2024-01-01', '2024-03-29', '2024-12-25']));
    expect(await of('ES', 2024)).not.toContain('2024-09-11');
    expect(await of('ES-CT', 2024)).toContain('2024-09-11');
  });

  it('hold every day of those that last several', async () => {
    expect(await of('TR', 2023)).toEqual(expect.arrayContaining(['2023-06-28', '2023-06-29', '2023-06-30']));
  });

  it('reach from the year before the first row to ten years after the last', async () => {
    expect((await of('ES', 2023)).length).toBeGreaterThan(5);
    expect((await of('ES', 2034)).length).toBeGreaterThan(5);
    expect([await of('ES', 2022), await of('ES', 2035)]).toEqual([[], []]);
  });

  it('are none where none are asked for, and refused where there is no such place', async () => {
    expect(await loadHolidays('')).toBeUndefined();
    await expect(loadHolidays('ES-XX')).rejects.toMatchObject({
      code: 'setting_invalid',
      message: expect.stringMatching(/HOLIDAYS_COUNTRY: expected one of .*CT.*, got XX in "ES-XX"/u),
    });
  });

  it('are a known-future covariate that no scaler changes', async () => {
    const days = tableOf(hours(...range(400).map((day) => day * 24)), { a: range(400) });
    const settings = preprocessSettings.parse({ HOLIDAYS_COUNTRY: 'ES', TIME_FEATURES: 'day_of_week' });
    const table = { table: days, place: 'dataset/x.csv' };
    const built = buildDataset(table, undefined, settings, await loadHolidays('ES'));

    expect(built.roles.future).toEqual(['day_of_week_sin', 'day_of_week_cos', 'holiday']);
    expect(built.scaler.columns['holiday']).toEqual({ offset: 0, scale: 1 });
    // 1 and 6 January 2001 were holidays.
    expect([...(built.columns['holiday']?.slice(0, 7) ?? [])]).toEqual([1, 0, 0, 0, 0, 1, 0]);
    expect(built.calendar.holidays).toContain('2001-01-06');
  });

  it('come from the version that config_hash names', () => {
    const { version } = createRequire(import.meta.url)('date-holidays/package.json') as { version: string };
    expect(HOLIDAY_DATA).toBe(`date-holidays ${version}`);
  });
});
