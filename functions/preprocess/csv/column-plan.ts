import type { Understood } from '../../shared/dataset/report.ts';
import type { DataError } from '../../shared/errors.ts';
import { cellError } from '../source/cell-error.ts';
import { createLabels } from '../source/groups.ts';
import { hasFewLabels, type ColumnSurvey } from './column-survey.ts';
import { readingOf, type ColumnReading } from './column-reading.ts';
import type { BadCell, LabelColumn } from './parse-block.ts';
import type { OpenCsv } from './source.ts';
import { surveyColumns } from './survey.ts';
import { toldOfLeftOut, toldOfNumbers } from './told.ts';
import type { DecimalSign } from './written-number.ts';

/** How the columns of a file are read, by position. */
export interface ColumnPlan {
  readonly reads: readonly ColumnReading[];
  /** Columns of text whose values are numbered. */
  readonly labels: readonly LabelColumn[];
  readonly understood: readonly Understood[];
}

/** All that are asked for are numbers as programs write them. */
export function plainPlan({ header: { names }, only }: OpenCsv): ColumnPlan {
  const reads = names.map((name) => (only?.includes(name) === false ? 'left out' : 'plain'));
  return { reads, labels: [], understood: [] };
}

/**
 * How the columns besides the time and the group are read, by all that is in them.
 * @throws DataError column_not_numeric where a column allows no reading, or more than one; column_missing where no number is in any
 */
export async function surveyedPlan(csv: OpenCsv, time: number): Promise<ColumnPlan> {
  const { header, only, groups, missing = [] } = csv;
  const { names } = header;
  const positions = [...names.keys()].filter(
    (index) =>
      index !== time && names[index] !== groups?.column && only?.includes(names[index] ?? '') !== false,
  );
  const surveys = await surveyColumns(csv, positions, missing);
  const reads = names.map((): ColumnReading => 'left out');
  const labels: LabelColumn[] = [];
  const understood: Understood[] = [];
  const refusals: Refused[] = [];
  for (const [position, survey] of surveys) {
    const read = readColumn(csv, position, survey);
    if ('cell' in read) {
      refusals.push(read);
      continue;
    }
    understood.push(...read.understood);
    reads[position] = read.reading;
    if (read.reading === 'left out' && hasFewLabels(survey))
      labels.push({ position, placeOf: createLabels() });
  }
  const [first] = refusals.toSorted((a, b) => a.cell.line - b.cell.line);
  if (first !== undefined) throw notNumeric(csv, first);
  refuseTextAlone(csv, reads, surveys);
  return { reads, labels, understood };
}

function readColumn(
  csv: OpenCsv,
  position: number,
  survey: ColumnSurvey,
): { reading: ColumnReading; understood: readonly Understood[] } | Refused {
  const { header, decimal = '', hints, wanted = [] } = csv;
  const name = header.names[position] ?? '';
  const hint: DecimalSign | undefined = hints?.[name];
  const found = readingOf(survey, { decimal, hint, delimiter: header.delimiter });
  if (found.kind === 'refused') return found;
  if (found.kind === 'number')
    return { reading: found.reading, understood: toldOfNumbers(name, survey, found.reading) };
  // A column without a cell is told apart once all files are read.
  if (found.kind === 'empty') return { reading: 'plain', understood: [] };
  const { firstWord } = survey;
  if (firstWord !== undefined && wanted.includes(name))
    return { cell: firstWord, expected: 'numbers, since a setting names the column,' };
  return { reading: 'left out', understood: [toldOfLeftOut(name, 'text', firstWord?.text)] };
}

/** A file without a column of numbers: its first cell is where one was expected. */
function refuseTextAlone(
  csv: OpenCsv,
  reads: readonly ColumnReading[],
  surveys: ReadonlyMap<number, ColumnSurvey>,
): void {
  if (reads.some((reading) => reading !== 'left out')) return;
  const cell = [...surveys.values()].find(({ firstWord }) => firstWord !== undefined)?.firstWord;
  if (cell !== undefined) throw notNumeric(csv, { cell, expected: undefined });
}

interface Refused {
  readonly cell: BadCell;
  readonly expected: string | undefined;
}

function notNumeric({ place, header }: OpenCsv, { cell: bad, expected }: Refused): DataError {
  const { line, column, text } = bad;
  const cell = { place, where: `line ${line}`, column: header.names[column] ?? '', text };
  return cellError('column_not_numeric', cell, expected);
}
