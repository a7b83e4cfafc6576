import { quote } from '../../shared/dataset/reader.ts';
import type { DateFormat } from '../../shared/dataset/rules.ts';
import { parseTimestamp } from '../../shared/dataset/timestamps.ts';
import type { ParquetColumn } from './schema.ts';

/** 0000-01-01 to 9999-12-31, as ISO 8601 has years of four digits. */
const [EARLIEST, LATEST] = [Date.parse('0000-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];

/** The time column in SQL: epoch ms, cut towards the past, of a typed time; else what it holds as text. No finite time is null. */
export function timeSql({ key, kind }: ParquetColumn): string {
  const cell = quote(key);
  if (kind === 'nanoseconds') return floored(`epoch_ns(${cell})`, 1_000_000);
  if (kind === 'time') return floored(`epoch_us(${cell})`, 1000);
  return `${cell}::VARCHAR`;
}

/** DuckDB divides towards zero, and a quotient of doubles may round up. */
function floored(ticks: string, perMs: number): string {
  return `((${ticks} - (((${ticks} % ${perMs}) + ${perMs}) % ${perMs})) // ${perMs})::DOUBLE`;
}

/** Epoch ms of what timeSql selects; NaN where a cell holds no time. */
export function timesOf(
  cells: readonly unknown[],
  { kind }: ParquetColumn,
  dateFormat?: DateFormat,
): Float64Array {
  const typed = kind === 'time' || kind === 'nanoseconds';
  return Float64Array.from(cells, (cell) => {
    const at = typed ? cell : typeof cell === 'string' ? parseTimestamp(cell, dateFormat) : undefined;
    return typeof at === 'number' && at >= EARLIEST && at <= LATEST ? at : NaN;
  });
}
