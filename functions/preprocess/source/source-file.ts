import type { DateFormat, DuplicateSetting } from '../../shared/dataset/rules.ts';
import type { DecimalSign } from '../csv/written-number.ts';
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
  /** What parts the cells; empty: found. */
  readonly delimiter?: string | undefined;
  /** The decimal sign; empty: as each column shows. */
  readonly decimal?: DecimalSign | '' | undefined;
  /** Words for missing besides the usual ones, in lower case. */
  readonly missing?: readonly string[] | undefined;
  /** Columns that settings name: none of them is left out for what it holds. */
  readonly wanted?: readonly string[] | undefined;
  /** The numeric columns to be read; undefined: all. */
  readonly only?: readonly string[] | undefined;
  /** Decimal signs by column in another file of the same series. */
  readonly hints?: Readonly<Record<string, DecimalSign>> | undefined;
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
