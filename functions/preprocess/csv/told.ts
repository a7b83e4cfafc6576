import type { Understood } from '../../shared/dataset/report.ts';
import type { ColumnSurvey } from './column-survey.ts';
import type { DecimalSign } from './written-number.ts';

const SIGNS: Readonly<Record<string, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' };

export function toldOfDelimiter(delimiter: string): Understood {
  const says = `cells are parted by ${SIGNS[delimiter] ?? JSON.stringify(delimiter)}`;
  return { about: 'delimiter', says, isSerious: false };
}

/** How a column of numbers was read, where that says more than that they are numbers. */
export function toldOfNumbers(name: string, survey: ColumnSurvey, sign: DecimalSign): Understood[] {
  const told: Understood[] = [];
  const tell = (about: string, says: string): void =>
    void told.push({ about, says: `column "${name}": ${says}`, isSerious: false });
  if (survey.firstNot['.'] !== undefined || sign === ',')
    tell('decimal', `the decimal sign is ${sign === ',' ? 'a comma' : 'a point'}`);
  if (survey.grouped[sign])
    tell('thousands', `thousands are parted by ${sign === ',' ? 'points' : 'commas'}`);
  const units = [...survey.units.keys()].filter((unit) => unit !== '');
  if (units.length > 0) tell('unit', `the numbers before or after ${units.join(', ')} were taken`);
  if (survey.hasBookkept) tell('negative', 'brackets, or a minus at the end, are negative numbers');
  const words = [...survey.missingWords];
  if (words.length > 0)
    tell(
      'missing',
      `${words
        .slice(0, 5)
        .map((word) => JSON.stringify(word))
        .join(', ')} are missing cells`,
    );
  return told;
}

export function toldOfLeftOut(name: string, kind: 'text' | 'empty' | 'index', example = ''): Understood {
  const what = {
    text: `column "${name}" holds text (such as ${JSON.stringify(example.slice(0, 40))}) and was left out`,
    empty: `column "${name}" has no cell and was left out`,
    index: `column "${name}" counts the rows and was left out (TARGET_COLUMNS or FUTURE_COLUMNS that name it keep it)`,
  };
  return { about: 'left_out', says: what[kind], isSerious: kind === 'text' };
}
