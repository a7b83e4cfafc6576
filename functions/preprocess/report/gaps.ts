import type { Frequency } from '@flts/model-runtime';
import type { Gap } from '../../shared/dataset/report.ts';
import { isoTime, stepsBetween } from '../../shared/dataset/spacing.ts';
import { piecesOf } from '../columns/column.ts';
import type { ProcessedDataset } from '../steps/dataset.ts';

/** Where the source misses rows: the runs of inserted rows, and the edges of blocks. The first `most` of them are told. */
export function findGaps(
  { ts, inserted, block, frequency }: Pick<ProcessedDataset, 'ts' | 'inserted' | 'block' | 'frequency'>,
  most: number,
): { count: number; first: Gap[] } {
  const first: Gap[] = [];
  let count = 0;
  let known: KnownRow | undefined;
  for (const { start, values } of piecesOf(ts)) {
    const end = start + values.length;
    const [flags, blocks] = [inserted.read(start, end), block.read(start, end)];
    for (let index = 0; index < values.length; index += 1) {
      if (known !== undefined && flags[index] === 1) continue;
      const row = { row: start + index, at: values[index] ?? 0, block: blocks[index] ?? 0 };
      if (known !== undefined && (row.row - known.row > 1 || row.block !== known.block)) {
        count += 1;
        if (count <= most) first.push(gapBetween(known, row, frequency));
      }
      known = row;
    }
  }
  return { count, first };
}

interface KnownRow {
  readonly row: number;
  readonly at: number;
  readonly block: number;
}

function gapBetween(before: KnownRow, after: KnownRow, frequency: Frequency): Gap {
  const steps = stepsBetween(before.at, after.at, frequency);
  return {
    after: isoTime(before.at),
    before: isoTime(after.at),
    rows: steps === undefined ? null : steps - 1,
    filled: before.block === after.block,
  };
}
