import type { ColumnsByName } from '../columns/column.ts';
import { parseInto, type ParsedBlock, type RecordLayout } from './parse-block.ts';

/** A block in memory that threads share. */
export interface BlockInput {
  readonly bytes: Uint8Array;
  /** Of the first byte. */
  readonly line: number;
  /** Without a group, whose values are numbered in the order of the file. */
  readonly layout: RecordLayout;
  /** What the cells are put into: one array a field, with room for as many rows as there are lines. */
  readonly rooms: readonly Float64Array[];
}

export type BlockOutcome = Omit<ParsedBlock, 'cells'>;

/** Parses a block's cells into memory that threads share. */
export function parseSharedBlock(
  _none: ColumnsByName,
  { bytes, line, layout, rooms }: BlockInput,
): BlockOutcome {
  const records = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { cells: _inRooms, ...outcome } = parseInto(records, { line, layout, rooms });
  return outcome;
}
