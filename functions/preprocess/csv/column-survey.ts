import { isMissing, isUnusualWord } from './number.ts';
import type { BadCell } from './parse-block.ts';
import { writtenNumber, type DecimalSign } from './written-number.ts';

/** Values of a column of text that are numbered; of more of them none groups rows. */
const MOST_LABELS = 1000;
/** Begins with a letter, and is no number that a program writes so. */
const WORD = /^\p{L}(?!nf(?:inity)?$)/iu;

/** What the cells of a column are, all of them. */
export interface ColumnSurvey {
  /** Cells that are numbers; that are words; that are neither, nor missing. */
  numbers: number;
  words: number;
  odd: number;
  /** The first cell of each kind. */
  firstWord?: BadCell;
  firstOdd?: BadCell;
  /** The first number that cannot be read with this decimal sign. */
  readonly firstNot: Partial<Record<DecimalSign, BadCell>>;
  /** Whether a number has its thousands parted, if this is the decimal sign. */
  readonly grouped: Record<DecimalSign, boolean>;
  /** Whether a number has more than four digits without a sign between them: its thousands are not parted. */
  hasLong: boolean;
  /** Whether a number has up to four digits and no sign. */
  hasBare: boolean;
  /** The first cell that is another number with the other decimal sign; whether all such cells have points. */
  twoWays?: BadCell & { readonly point: number; readonly comma: number };
  twoWaysByComma: boolean;
  /** Currencies' signs and %; the first cell with a second one, or without the one that others have. */
  readonly units: Map<string, BadCell>;
  hasBookkept: boolean;
  /** Words for missing that have to be told. */
  readonly missingWords: Set<string>;
  /** Its different values, up to one more than are numbered. */
  readonly labels: Set<string>;
}

export function createColumnSurvey(): ColumnSurvey {
  return {
    numbers: 0,
    words: 0,
    odd: 0,
    firstNot: {},
    grouped: { '.': false, ',': false },
    hasLong: false,
    hasBare: false,
    twoWaysByComma: false,
    units: new Map(),
    hasBookkept: false,
    missingWords: new Set(),
    labels: new Set(),
  };
}

export const hasFewLabels = ({ labels }: ColumnSurvey): boolean => labels.size <= MOST_LABELS;

/** Looks at one more cell. `missing`: words for missing besides the usual ones, in lower case. */
export function surveyCell(survey: ColumnSurvey, cell: BadCell, missing: readonly string[]): void {
  const { text } = cell;
  if (survey.labels.size <= MOST_LABELS) survey.labels.add(text.trim());
  if (isMissing(text, missing)) {
    if (isUnusualWord(text)) survey.missingWords.add(text.trim());
    return;
  }
  const number = writtenNumber(text);
  if (number !== undefined) return surveyNumber(survey, cell, number);
  if (WORD.test(text.trim())) {
    survey.words += 1;
    survey.firstWord ??= cell;
  } else {
    survey.odd += 1;
    survey.firstOdd ??= cell;
  }
}

function surveyNumber(
  survey: ColumnSurvey,
  cell: BadCell,
  { values, grouped, bareDigits, unit, isBookkept }: NonNullable<ReturnType<typeof writtenNumber>>,
): void {
  survey.numbers += 1;
  for (const sign of ['.', ','] as const) {
    if (values[sign] === undefined) survey.firstNot[sign] ??= cell;
    if (grouped[sign]) survey.grouped[sign] = true;
  }
  if (bareDigits > 4) survey.hasLong = true;
  else if (bareDigits > 0) survey.hasBare = true;
  const { '.': point, ',': comma } = values;
  if (point !== undefined && comma !== undefined && point !== comma) {
    survey.twoWays ??= { ...cell, point, comma };
    if (grouped['.']) survey.twoWaysByComma = true;
  }
  if (!survey.units.has(unit)) survey.units.set(unit, cell);
  if (isBookkept) survey.hasBookkept = true;
}
