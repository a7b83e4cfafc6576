import type { DuplicateRule } from '../../shared/dataset/rules.ts';
import type { CsvHeader } from './header.ts';

export interface CsvSource {
  /** Local; UTF-8, line ends `\n`. */
  readonly file: string;
  /** How errors call it: bucket/key. */
  readonly place: string;
  /** Name of the time column; undefined: found. */
  readonly indexColumn?: string | undefined;
  /** What becomes of rows with the same timestamp; default last. */
  readonly duplicates?: DuplicateRule | undefined;
}

/** A file whose header has been read. */
export interface OpenCsv extends CsvSource {
  readonly header: CsvHeader;
}
