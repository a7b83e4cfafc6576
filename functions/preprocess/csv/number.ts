import { LARGEST_NUMBER } from '../../shared/dataset/rules.ts';
import { writtenNumber, type DecimalSign } from './written-number.ts';

/** How a missing cell is written, in lower case: as programs do it, and as people and spreadsheets do. */
const MISSING = ['', 'na', 'nan', 'null'];
const MISSING_BY_PEOPLE = ['n/a', '#n/a', '#nv', '<na>', 'none', '-', '--', '\u2013', '.'];
const DECIMAL = /^[ \t\n\v\f\r]*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?[ \t\n\v\f\r]*$/iu;

/** Whether a cell is missing. `others`: more words for it, in lower case. */
export function isMissing(cell: string, others: readonly string[] = []): boolean {
  const word = cell.trim().toLowerCase();
  return MISSING.includes(word) || MISSING_BY_PEOPLE.includes(word) || others.includes(word);
}

/** Whether a cell that is missing says so in a word that has to be told. */
export function isUnusualWord(cell: string): boolean {
  return !MISSING.includes(cell.trim().toLowerCase());
}

/**
 * The number that a cell holds; NaN where it is missing, undefined where it is neither, or a number of more than 1e150.
 * `missing`: more words for missing, in lower case.
 */
export function numberOf(cell: string, missing: readonly string[] = []): number | undefined {
  if (DECIMAL.test(cell)) {
    const value = Number(cell);
    return Math.abs(value) <= LARGEST_NUMBER ? value : undefined;
  }
  return isMissing(cell, missing) ? NaN : undefined;
}

/** The same of a cell as people and spreadsheets write it. */
export function writtenNumberOf(
  cell: string,
  decimal: DecimalSign,
  missing: readonly string[] = [],
): number | undefined {
  return isMissing(cell, missing) ? NaN : writtenNumber(cell)?.values[decimal];
}

/** What a plain number shows of its point: bits. */
export const MARKS = {
  /** It is a decimal sign, since thousands would be parted otherwise. */
  decimal: 1,
  /** There is none, in at most four digits. */
  bare: 2,
  /** It may part thousands as well. */
  ambiguous: 4,
  /** There is none: the cell is missing. */
  missing: 8,
} as const;

/** `whole`, `fraction`: digits before and after the point, of which there is none where the fraction is -1. */
export function markOf(whole: number, fraction: number, isZeroFirst: boolean): number {
  if (fraction < 0) return whole > 4 ? MARKS.decimal : MARKS.bare;
  return fraction === 3 && whole >= 1 && whole <= 3 && !isZeroFirst ? MARKS.ambiguous : MARKS.decimal;
}

/** The same of a number's text. */
export function markOfText(cell: string): number {
  const [, whole = '', fraction] = /^\s*[+-]?(\d*)(?:\.(\d*))?\s*$/u.exec(cell) ?? [];
  if (whole === '' && fraction === undefined) return MARKS.decimal;
  return markOf(whole.length, fraction?.length ?? -1, whole.startsWith('0'));
}
