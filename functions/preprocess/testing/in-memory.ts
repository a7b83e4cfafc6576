import type { Columns } from '@flts/model-runtime';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceTable } from '../../shared/dataset/source-table.ts';
import type { PreprocessSettings } from '../../shared/settings/settings.ts';
import { arrayColumn, wholeColumn, type ColumnsByName } from '../columns/column.ts';
import { createSpill } from '../columns/spill.ts';
import { runWork } from '../threads/run-work.ts';
import * as steps from '../steps/dataset.ts';
import type { HolidayDates } from '../steps/holidays.ts';
import type { SourceRows } from '../steps/lay-rows.ts';

const wholeColumns = (columns: ColumnsByName): Columns =>
  Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, wholeColumn(column)]));

/** A parsed file whose rows are read into memory. */
export function inMemory({ ts, values, indexColumn, columns, duplicates }: SourceRows): SourceTable {
  return { ts: wholeColumn(ts), values: wholeColumns(values), indexColumn, columns, duplicates };
}

export interface Source {
  readonly table: SourceTable;
  readonly place: string;
}

const streamed = ({ table, place }: Source): { table: SourceRows; place: string } => ({
  place,
  table: {
    ...table,
    ts: arrayColumn(table.ts),
    values: Object.fromEntries(
      Object.entries(table.values).map(([name, values]) => [name, arrayColumn(values)]),
    ),
    close: () => {},
  },
});

/** The dataset with its columns in memory. */
export type ProcessedDataset = ReturnType<typeof buildDataset>;

/** buildDataset for rows that are in memory. */
export function buildDataset(
  train: Source,
  test: Source | undefined,
  settings: PreprocessSettings,
  holidays?: HolidayDates,
) {
  const folder = mkdtempSync(join(tmpdir(), 'flts-dataset-'));
  const spill = createSpill(folder);
  try {
    const sources = { train: streamed(train), test: test && streamed(test) };
    const built = runWork(steps.buildDataset(sources, settings, { spill, holidays }));
    return {
      ...built,
      ts: wholeColumn(built.ts),
      block: Int32Array.from(wholeColumn(built.block)),
      inserted: Uint8Array.from(wholeColumn(built.inserted)),
      source: wholeColumns(built.source),
      columns: wholeColumns(built.columns),
      actual: wholeColumns(built.actual),
    };
  } finally {
    spill.close();
    rmSync(folder, { recursive: true });
  }
}
