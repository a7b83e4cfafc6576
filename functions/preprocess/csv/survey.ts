import { countLines, recordBlocks } from './blocks.ts';
import { createColumnSurvey, surveyCell, type ColumnSurvey } from './column-survey.ts';
import { shapeProblem } from './parse-block.ts';
import { recordError } from './record-error.ts';
import { recordEnd, splitRecord } from './records.ts';
import type { OpenCsv } from './source.ts';

/**
 * Looks at all cells of the columns at `positions`, by position. For files that are not plain: each cell is taken out as text.
 * @throws DataError row_ragged, file_unreadable, with the line
 */
export async function surveyColumns(
  csv: OpenCsv,
  positions: readonly number[],
  missing: readonly string[],
): Promise<ReadonlyMap<number, ColumnSurvey>> {
  const { delimiter, names } = csv.header;
  const surveys = new Map(positions.map((position) => [position, createColumnSurvey()]));
  for await (const { bytes, line: first } of recordBlocks(csv)) {
    for (let [at, line] = [0, first]; at < bytes.length;) {
      const end = recordEnd(bytes, at, delimiter.charCodeAt(0));
      const text = bytes.toString('utf8', at, end).replace(/\n$/u, '');
      const record = splitRecord(text, delimiter);
      const problem = text === '' ? undefined : shapeProblem(record, { line, expected: names.length });
      if (problem !== undefined) throw recordError(csv, problem);
      if (text !== '')
        for (const [column, survey] of surveys)
          surveyCell(survey, { line, column, text: record.fields[column] ?? '' }, missing);
      line += countLines(bytes.subarray(at, end));
      at = end;
    }
  }
  return surveys;
}
