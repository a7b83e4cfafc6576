import { baselineFamily, type Rule } from '../baseline.ts';

export const meanWindow = baselineFamily({
  type: 'MEAN_WINDOW',
  summary: 'The mean of the last `INPUT_SEQ_LEN` rows goes on.',
  version: 1,
  settings: ['inputSeqLen'],
  rule: ({ window }) => meanOf(window),
  contextRows: ({ window }) => window,
});

function meanOf(window: number): Rule {
  return (values, origin) => {
    const rows = values.subarray(Math.max(0, origin - window), origin);
    return rows.reduce((sum, value) => sum + value, 0) / rows.length;
  };
}
