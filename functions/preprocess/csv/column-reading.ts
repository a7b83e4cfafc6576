import { LARGEST_NUMBER } from '../../shared/dataset/rules.ts';
import type { BadCell } from './parse-block.ts';
import type { ColumnSurvey } from './column-survey.ts';
import type { DecimalSign } from './written-number.ts';

/** How a column's cells are read; left out: not at all. */
export type ColumnReading = 'plain' | DecimalSign | 'left out';

export interface ReadBy {
  /** As DECIMAL says; empty: as the column shows. */
  readonly decimal: DecimalSign | '';
  /** How another file of the same series has it, where this one may mean either. */
  readonly hint: DecimalSign | undefined;
  readonly delimiter: string;
}

export type ReadingOfColumn =
  | { readonly kind: 'number'; readonly reading: DecimalSign }
  | { readonly kind: 'text' | 'empty' }
  /** Expected something else in this cell. */
  | { readonly kind: 'refused'; readonly cell: BadCell; readonly expected: string | undefined };

/** The only way in which all cells of a column can be read; a refusal where there is none, or more than one. */
export function readingOf(survey: ColumnSurvey, by: ReadBy): ReadingOfColumn {
  const { numbers, words, odd, firstWord, firstOdd } = survey;
  if (numbers + words + odd === 0) return { kind: 'empty' };
  if (words > numbers + odd || (words > 0 && numbers === 0)) return { kind: 'text' };
  const bad = earliest(firstWord, firstOdd);
  if (bad !== undefined)
    return refused(
      bad,
      numbers === 0 ? undefined : `${NUMBER} (MISSING_VALUES names words for missing cells)`,
    );
  const unit = refusedUnit(survey);
  return unit ?? decimalOf(survey, by);
}

function decimalOf(survey: ColumnSurvey, { decimal, hint, delimiter }: ReadBy): ReadingOfColumn {
  const { firstNot, grouped, hasLong, hasBare, twoWays } = survey;
  if (decimal !== '') {
    const cell = firstNot[decimal];
    return cell === undefined ? read(decimal) : refused(cell, `a number with DECIMAL=${decimal}`);
  }
  const allowed = (['.', ','] as const).filter(
    (sign) => firstNot[sign] === undefined && !(grouped[sign] && hasLong),
  );
  const [only = '.', other] = allowed;
  if (allowed.length === 0) {
    const cell = latest(firstNot['.'], firstNot[',']) ?? twoWays;
    if (cell !== undefined)
      return refused(
        cell,
        'a number with the decimal sign and the thousands of the other cells (DECIMAL says which sign it is)',
      );
  }
  if (other === undefined || twoWays === undefined) return read(only);
  // Of a file with commas between cells that program wrote which writes a point before three digits each time.
  const isProgram = delimiter !== ';' && !hasBare && !survey.twoWaysByComma;
  if (isProgram) return read('.');
  if (hint !== undefined) return read(hint);
  return refused(
    twoWays,
    `a number that can be read in one way alone, not ${twoWays.point} with DECIMAL=. or ${twoWays.comma} with DECIMAL=,,`,
  );
}

/** Two currencies are no column of one kind, nor are shares and per cents. */
function refusedUnit({ units }: ColumnSurvey): ReadingOfColumn | undefined {
  const signs = [...units.keys()].filter((unit) => unit !== '');
  if (signs.length > 1)
    return refused(units.get(signs[1] ?? '') ?? NOWHERE, `numbers of one unit, as ${signs[0]} before,`);
  const without = units.get('');
  if (signs[0] !== '%' || without === undefined) return undefined;
  return refused(without, 'per cents as in the other cells, or none in all');
}

const NUMBER = `a finite number (of at most ${LARGEST_NUMBER})`;
const NOWHERE: BadCell = { line: 0, column: 0, text: '' };
const read = (reading: DecimalSign): ReadingOfColumn => ({ kind: 'number', reading });
const refused = (cell: BadCell, expected: string | undefined): ReadingOfColumn => ({
  kind: 'refused',
  cell,
  expected,
});

function earliest(one: BadCell | undefined, other: BadCell | undefined): BadCell | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.line <= other.line ? one : other;
}

function latest(one: BadCell | undefined, other: BadCell | undefined): BadCell | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.line > other.line ? one : other;
}
