import { baselineFamily, lastValue } from '../baseline.ts';

export const naive = baselineFamily({
  type: 'NAIVE',
  summary: 'The last known value goes on.',
  version: 1,
  settings: [],
  rule: () => lastValue,
  contextRows: () => 1,
});
