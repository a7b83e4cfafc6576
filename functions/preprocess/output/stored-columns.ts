import type { Segments } from '@flts/model-runtime';
import { actualColumn, BLOCK_COLUMN, inputColumns, TIME_COLUMN } from '../../shared/dataset/reader.ts';
import type { Column } from '../columns/column.ts';
import type { DatasetRows } from '../steps/dataset.ts';
import { INSERTED_COLUMN, SEGMENT_COLUMN } from '../steps/roles.ts';

/**
 * A column as the processed files hold it. TIMESTAMP values are epoch ms here, BOOLEAN ones 0 and 1, VARCHAR ones places in
 * `texts`; NaN stands for null, which DOUBLE columns alone have.
 */
export type StoredColumn = {
  readonly name: string;
  readonly values: Column;
} & (
  | { readonly type: 'TIMESTAMP' | 'DOUBLE' | 'INTEGER' | 'BOOLEAN' }
  | { readonly type: 'VARCHAR'; readonly texts: readonly string[] }
);

/** The columns of the processed files, in their order. */
export function storedColumns({
  ts,
  block,
  inserted,
  columns,
  actual,
  segments,
  roles,
}: DatasetRows): StoredColumn[] {
  const doubles = (name: string, values: Column | undefined): StoredColumn => {
    if (values === undefined) throw new RangeError(`expected a column ${name}, got none`);
    return { name, type: 'DOUBLE', values };
  };
  return [
    { name: TIME_COLUMN, type: 'TIMESTAMP', values: ts },
    { name: BLOCK_COLUMN, type: 'INTEGER', values: block },
    { name: INSERTED_COLUMN, type: 'BOOLEAN', values: inserted },
    { name: SEGMENT_COLUMN, type: 'VARCHAR', ...segmentNames(segments) },
    ...inputColumns(roles).map((name) => doubles(name, columns[name])),
    ...roles.targets.map((name) => doubles(actualColumn(name), actual[name])),
  ];
}

function segmentNames({ fit, validate, select, test }: Segments): { values: Column; texts: string[] } {
  const texts = ['fit', 'validate', 'select', 'test'];
  const ends = [fit.end, validate.end, select.end, test.end];
  const read = (start: number, end: number): Float64Array => {
    const places = new Float64Array(end - start);
    let from = start;
    for (const [place, until] of ends.entries()) {
      const to = Math.max(from, Math.min(until, end));
      places.fill(place, from - start, to - start);
      from = to;
    }
    return places;
  };
  return { texts, values: { length: test.end, read } };
}
