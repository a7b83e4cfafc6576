import type { Gap } from '../../shared/dataset/report.ts';
import { isoTime, stepsBetween } from '../../shared/dataset/spacing.ts';
import type { ProcessedDataset } from '../steps/dataset.ts';

/** Where the source misses rows: the runs of inserted rows, and the edges of blocks. */
export function findGaps({
  ts,
  inserted,
  block,
  frequency,
}: Pick<ProcessedDataset, 'ts' | 'inserted' | 'block' | 'frequency'>): Gap[] {
  const gaps: Gap[] = [];
  let known = 0;
  for (let row = 1; row < ts.length; row += 1) {
    if (inserted[row] === 1) continue;
    const between = row - known - 1;
    const open = block[row] !== block[known];
    if (between > 0 || open) {
      const steps = stepsBetween(ts[known] ?? 0, ts[row] ?? 0, frequency);
      gaps.push({
        after: isoTime(ts[known]),
        before: isoTime(ts[row]),
        rows: steps === undefined ? null : steps - 1,
        filled: !open,
      });
    }
    known = row;
  }
  return gaps;
}
