import { historyRows, type Frequency } from '@flts/model-runtime';
import type { DatasetMeta } from '../dataset/meta.ts';
import { DAY_MS } from '../dataset/spacing.ts';
import type { ClaimSettings } from '../settings/settings.ts';
import { AUTO_LENGTH } from '../settings/training.ts';

type Facts = Pick<DatasetMeta, 'segments' | 'frequency' | 'seasonal_periods' | 'history'>;

/** Of frequencies that are none of the usual ones: the shortest season, within these. */
const [SHORTEST, LONGEST] = [6, 48];
/** Rows of a window at most: two weeks of hours. */
const LONGEST_WINDOW = 336;

/**
 * The settings with the horizon and the window in numbers. Where OUTPUT_SEQ_LEN is auto: what people forecast at the frequency
 * (12 months, 24 hours, …), as far as select and test hold one horizon. Where INPUT_SEQ_LEN is auto: what covers the longest
 * season, at least the horizon, as far as fit holds two windows. Decided once, by preprocess.
 */
export function withLengths(settings: ClaimSettings, facts: Facts): ClaimSettings {
  const { segments, history } = facts;
  const rowsOf = ({ start, end }: { start: number; end: number }): number => end - start;
  const { INPUT_SEQ_LEN: input, OUTPUT_SEQ_LEN: output } = settings;
  const room = Math.min(rowsOf(segments.select), rowsOf(segments.test), Math.floor(rowsOf(segments.fit) / 2));
  const horizon = output === AUTO_LENGTH ? Math.max(1, Math.min(usualHorizon(facts), room)) : output;
  const windowRoom = Math.floor((rowsOf(segments.fit) - historyRows(history) - horizon) / 2);
  const wanted = Math.min(LONGEST_WINDOW, Math.max(horizon, ...facts.seasonal_periods));
  const window = input === AUTO_LENGTH ? Math.max(1, Math.min(wanted, windowRoom)) : input;
  return { ...settings, INPUT_SEQ_LEN: window, OUTPUT_SEQ_LEN: horizon };
}

function usualHorizon({ frequency, seasonal_periods: seasons }: Facts): number {
  const known = horizonOf(frequency);
  if (known !== undefined) return known;
  const [shortest] = seasons.filter((season) => season > 1).toSorted((a, b) => a - b);
  return Math.max(SHORTEST, Math.min(LONGEST, shortest ?? SHORTEST));
}

function horizonOf({ stepMs, businessDays, months }: Frequency): number | undefined {
  if (months !== undefined) return { 1: 12, 3: 8, 12: 6 }[months.count];
  if (businessDays || stepMs === DAY_MS) return 14;
  if (stepMs === 7 * DAY_MS) return 13;
  return stepMs === DAY_MS / 24 ? 24 : undefined;
}
