import { gather } from '../../shared/dataset/source-table.ts';
import { PIECE_ROWS } from './column.ts';
import { storeRows, type Rows, type RowTable, type StoredRows } from './row-table.ts';
import type { Spill } from './spill.ts';

/** Bytes of rows that are sorted in memory at once, and of rows that wait to be merged. */
const RUN_BYTES = 16 << 20;
const MOST_RUN_ROWS = 1 << 17;

/**
 * A copy of the rows by ascending time; those of one time keep their order. An external merge sort (Knuth, The Art of
 * Computer Programming 3, 5.4): runs that fit into memory are sorted and written, then merged, whatever the number of rows.
 */
export function sortRows(spill: Spill, rows: RowTable, runBytes = RUN_BYTES): StoredRows {
  const names = Object.keys(rows.values);
  const width = (names.length + 1) * Float64Array.BYTES_PER_ELEMENT;
  const runRows = Math.max(2, Math.min(MOST_RUN_ROWS, Math.floor(runBytes / width)));
  const runs = storeRows(spill, names);
  for (let start = 0; start < rows.ts.length; start += runRows)
    runs.append(sortedRun(rows, start, Math.min(start + runRows, rows.ts.length)));
  const count = Math.ceil(rows.ts.length / runRows);
  const ahead = Math.max(1, Math.floor(runBytes / (width * Math.max(1, count))));
  const sorted = storeRows(spill, names);
  const cursors = Array.from({ length: count }, (_, run) =>
    createCursor(runs.table, {
      start: run * runRows,
      end: Math.min((run + 1) * runRows, rows.ts.length),
      ahead,
    }),
  );
  for (const piece of merge(runs.table, cursors, names)) sorted.append(piece);
  runs.table.close();
  return sorted.table;
}

function sortedRun(rows: RowTable, start: number, end: number): Rows {
  const ts = rows.ts.read(start, end);
  const order = Int32Array.from(ts.keys()).sort((a, b) => (ts[a] ?? 0) - (ts[b] ?? 0) || a - b);
  return {
    ts: gather(ts, order),
    values: Object.fromEntries(
      Object.entries(rows.values).map(([name, column]) => [name, gather(column.read(start, end), order)]),
    ),
  };
}

/** Goes through the rows [row, end) of a table, `ahead` of them read at once. */
interface Cursor {
  row: number;
  readonly end: number;
  readonly ahead: number;
  /** First row of `ts` and `columns`. */
  start: number;
  ts: Float64Array;
  columns: Float64Array[];
}

function createCursor(
  table: RowTable,
  { start, end, ahead }: { start: number; end: number; ahead: number },
): Cursor {
  const cursor = { row: start, end, ahead, start, ts: new Float64Array(), columns: [] };
  refill(cursor, table);
  return cursor;
}

function refill(cursor: Cursor, { ts, values }: RowTable): void {
  const to = Math.min(cursor.row + cursor.ahead, cursor.end);
  cursor.start = cursor.row;
  cursor.ts = ts.read(cursor.row, to);
  cursor.columns = Object.values(values).map((column) => column.read(cursor.row, to));
}

const timeOf = ({ ts, row, start }: Cursor): number => ts[row - start] ?? Number.POSITIVE_INFINITY;

/** Takes the earliest row of all cursors, the first of them where several have it, again and again. */
function* merge(table: RowTable, cursors: readonly Cursor[], names: readonly string[]): Generator<Rows> {
  const heap = createHeap(cursors);
  const most = Math.max(64, Math.floor((16 * PIECE_ROWS) / (names.length + 1)));
  let left = cursors.reduce((sum, { row, end }) => sum + end - row, 0);
  while (left > 0) {
    const length = Math.min(left, most);
    const ts = new Float64Array(length);
    const columns = names.map(() => new Float64Array(length));
    for (let index = 0; index < length; index += 1) {
      const cursor = heap.first();
      const at = cursor.row - cursor.start;
      ts[index] = cursor.ts[at] ?? NaN;
      for (let column = 0; column < columns.length; column += 1)
        (columns[column] ?? ts)[index] = cursor.columns[column]?.[at] ?? NaN;
      cursor.row += 1;
      if (cursor.row - cursor.start === cursor.ts.length && cursor.row < cursor.end) refill(cursor, table);
      heap.sink();
    }
    left -= length;
    yield { ts, values: Object.fromEntries(names.map((name, index) => [name, columns[index] ?? ts])) };
  }
}

/** A binary heap: the earliest time first, of equal ones that of the earlier cursor. */
function createHeap(cursors: readonly Cursor[]): { first(): Cursor; sink(): void } {
  const heap = cursors.map((cursor, order) => ({ cursor, order, at: timeOf(cursor) }));
  const before = (a: number, b: number): boolean => {
    const [one, other] = [heap[a], heap[b]];
    if (one === undefined || other === undefined) return one !== undefined;
    return one.at < other.at || (one.at === other.at && one.order < other.order);
  };
  const swap = (a: number, b: number): void => {
    const [one, other] = [heap[a], heap[b]];
    if (one === undefined || other === undefined) return;
    [heap[a], heap[b]] = [other, one];
  };
  const sinkFrom = (from: number): void => {
    for (let at = from; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const child = before(right, left) ? right : left;
      if (!before(child, at)) return;
      swap(child, at);
      at = child;
    }
  };
  for (let at = heap.length >> 1; at >= 0; at -= 1) sinkFrom(at);
  const first = (): Cursor => {
    if (heap[0] === undefined) throw new RangeError('expected a cursor, got none');
    return heap[0].cursor;
  };
  return {
    first,
    /** Puts the first where it belongs once it has gone on. */
    sink: () => {
      if (heap[0] !== undefined)
        heap[0].at = heap[0].cursor.row < heap[0].cursor.end ? timeOf(heap[0].cursor) : Infinity;
      sinkFrom(0);
    },
  };
}
