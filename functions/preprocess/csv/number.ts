import { LARGEST_NUMBER } from '../../shared/dataset/rules.ts';

/** How a missing cell is written, in lower case. */
const MISSING = ['', 'na', 'nan', 'null'];
const DECIMAL = /^[ \t\n\v\f\r]*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?[ \t\n\v\f\r]*$/iu;
/** Spaces, and tabs where they part no cells. */
const AROUND = /^[ \t]+|[ \t]+$/gu;

/** The number that a cell holds; NaN where it is missing, undefined where it is neither, or a number of more than 1e150. */
export function numberOf(cell: string): number | undefined {
  if (DECIMAL.test(cell)) {
    const value = Number(cell);
    return Math.abs(value) <= LARGEST_NUMBER ? value : undefined;
  }
  return MISSING.includes(cell.replaceAll(AROUND, '').toLowerCase()) ? NaN : undefined;
}
