import type { DateFormat, DuplicateSetting } from '../../shared/dataset/rules.ts';
import type { Spill } from '../columns/spill.ts';
import type { Thread } from '../threads/threads.ts';

/** A file to be read, of any format. */
export interface SourceFile {
  /** Local; text is UTF-8 with line ends `\n`. */
  readonly file: string;
  /** How errors call it: bucket/key. */
  readonly place: string;
  /** Name of the time column; undefined: found. */
  readonly indexColumn?: string | undefined;
  /** How times are read that could be read in two ways; default: they are refused. */
  readonly dateFormat?: DateFormat | undefined;
  /** Name of the column that tells which series a row belongs to; undefined: the file holds one. */
  readonly groupColumn?: string | undefined;
  /** What becomes of rows with the same timestamp; default auto. */
  readonly duplicates?: DuplicateSetting | undefined;
}

export interface Reading {
  readonly spill: Spill;
  /** Other threads that parse, where the format lets them. */
  readonly threads?: readonly Thread[];
  /** Called with the rows read so far and the share of the file that holds them, again and again. */
  readonly onRows?: (rows: number, share: number) => void;
}
