import { MONTH_MS } from '@flts/model-runtime';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../dataset/spacing.ts';
import { claimSettings, readSettings } from '../settings/settings.ts';
import { withLengths } from './lengths.ts';

const monthly = { stepMs: MONTH_MS, businessDays: false, months: { count: 1, day: 1 } };
const steps = (stepMs: number) => ({ stepMs, businessDays: false });

/** The window and the horizon of so many rows, cut .7, .1, .1, .1. */
function lengths(
  rows: number,
  frequency: Parameters<typeof withLengths>[1]['frequency'],
  { seasons = [] as readonly number[], environment = {} as Record<string, string> } = {},
): [number, number] {
  const cut = (share: number): number => Math.floor(rows * share);
  const segments = {
    fit: { start: 0, end: cut(0.7) },
    validate: { start: cut(0.7), end: cut(0.8) },
    select: { start: cut(0.8), end: cut(0.9) },
    test: { start: cut(0.9), end: rows },
  };
  const settings = readSettings(claimSettings.shape, environment);
  const resolved = withLengths(settings, { segments, frequency, seasonal_periods: [...seasons] });
  return [resolved.INPUT_SEQ_LEN, resolved.OUTPUT_SEQ_LEN];
}

describe('the window and the horizon of a claim', () => {
  it('are those that are given, whatever the rows', () => {
    const environment = { INPUT_SEQ_LEN: '24', OUTPUT_SEQ_LEN: '6' };
    expect(lengths(20, monthly, { environment })).toEqual([24, 6]);
  });

  it.each([
    ['months', 144, [monthly, [12]], [12, 12]],
    ['quarters', 400, [{ ...monthly, months: { count: 3, day: 31 } }, [4]], [8, 8]],
    ['years', 100, [{ ...monthly, months: { count: 12, day: 1 } }, []], [6, 6]],
    ['weeks', 520, [steps(7 * DAY_MS), [52]], [52, 13]],
    ['days', 2000, [steps(DAY_MS), [7, 365]], [336, 14]],
    ['hours', 4000, [steps(DAY_MS / 24), [24, 168]], [168, 24]],
    ['minutes', 100_000, [steps(60_000), [60, 1440]], [336, 48]],
    ['minutes without a season', 100_000, [steps(60_000), []], [6, 6]],
  ] as const)('of %s are what people forecast', (_, rows, [frequency, seasons], expected) => {
    expect(lengths(rows, frequency, { seasons })).toEqual(expected);
  });

  it('shrink where rows are few', () => {
    expect(lengths(60, monthly, { seasons: [12] })).toEqual([12, 6]);
    expect(lengths(12, monthly)).toEqual([1, 1]);
  });
});
