import type { ParsedRows } from '../source/in-order.ts';
import { inPortions } from '../threads/run-work.ts';
import { dataHash } from './data-hash.ts';

/** What identifies a group's rows, as a file's bytes identify a file: names, times and values, in the file's order. */
export async function hashRows({ rows, indexColumn, columns }: ParsedRows): Promise<string> {
  const numeric = columns.map((name) => ({
    name,
    type: 'DOUBLE' as const,
    values: rows.values[name] ?? rows.ts,
  }));
  const time = { name: indexColumn, type: 'TIMESTAMP' as const, values: rows.ts };
  return inPortions(dataHash([time, ...numeric]), () => {});
}
