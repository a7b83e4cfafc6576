import type { Understood } from '../../shared/dataset/report.ts';
import type { PreprocessSettings } from '../../shared/settings/settings.ts';
import { DataError } from '../../shared/errors.ts';
import type { Tell } from '../progress.ts';
import type { Spill } from '../columns/spill.ts';
import type { Thread } from '../threads/threads.ts';
import type { Download } from './download.ts';
import { formatOfKey } from './format.ts';
import { FORMATS } from './formats.ts';
import type { ParsedRows } from './in-order.ts';
import { withoutIndex } from './index-column.ts';
import type { SourceFile } from './source-file.ts';

/** What settings say of how a file is read. */
export type HowToRead = Omit<SourceFile, 'file' | 'place' | 'duplicates'>;

export function howToRead(settings: PreprocessSettings): HowToRead {
  const { INDEX_COLUMN, GROUP_COLUMN, DATE_FORMAT, DELIMITER, DECIMAL, MISSING_VALUES } = settings;
  const { TARGET_COLUMNS, FUTURE_COLUMNS } = settings;
  const resampled = [
    settings.RESAMPLE_MEAN_COLUMNS,
    settings.RESAMPLE_LAST_COLUMNS,
    settings.RESAMPLE_SUM_COLUMNS,
  ];
  return {
    indexColumn: INDEX_COLUMN || undefined,
    groupColumn: GROUP_COLUMN || undefined,
    dateFormat: DATE_FORMAT,
    delimiter: DELIMITER === 'tab' ? '\t' : DELIMITER,
    decimal: DECIMAL,
    missing: MISSING_VALUES.map((word) => word.toLowerCase()),
    wanted: [...TARGET_COLUMNS, ...FUTURE_COLUMNS, ...resampled.flat()],
  };
}

export interface Parsing {
  readonly spill: Spill;
  readonly tell: Tell;
  readonly threads?: readonly Thread[];
}

export const placeOf = ({ bucket, key }: Download): string => `${bucket}/${key}`;

/** Parses a file by its format. */
export async function parseSource(
  source: Download,
  how: HowToRead,
  { spill, tell, threads = [] }: Parsing,
): Promise<ParsedRows> {
  const onRows = (rows: number, share: number): void => tell({ phase: 'read', share, rows });
  const file = { file: source.file, place: placeOf(source), ...how };
  const read = await FORMATS[formatOfKey(source.key)].parse(file, { spill, onRows, threads });
  const parsed = { ...read, understood: [...toldOfEncoding(source), ...(read.understood ?? [])] };
  return how.only === undefined ? withoutIndex(parsed, how.wanted) : parsed;
}

function toldOfEncoding({ encoding = 'utf-8' }: Download): Understood[] {
  return encoding === 'utf-8'
    ? []
    : [{ about: 'encoding', says: `the text is ${encoding}`, isSerious: false }];
}

/** What a test file goes by. */
export interface TrainingFile {
  readonly place: string;
  readonly rows: Pick<ParsedRows, 'indexColumn' | 'columns' | 'groups' | 'leftOut' | 'decimals'>;
}

/**
 * Parses the test file, whose columns are those of the training file in any order; its format may be another.
 * @throws DataError columns_differ
 */
export async function parseTestSource(
  source: Download,
  { place: trainPlace, rows: train }: TrainingFile,
  settings: HowToRead,
  parsing: Parsing,
): Promise<ParsedRows> {
  const { indexColumn, columns, groups, leftOut = [], decimals: hints } = train;
  const how = { ...settings, indexColumn, groupColumn: groups?.column, only: columns, hints };
  const place = placeOf(source);
  const names = await FORMATS[formatOfKey(source.key)].columns({ file: source.file, place, ...how });
  const expected = [indexColumn, ...(groups === undefined ? [] : [groups.column]), ...columns];
  const missing = expected.filter((name) => !names.includes(name));
  const extra = names.filter((name) => !expected.includes(name) && !leftOut.includes(name));
  if (missing.length > 0 || extra.length > 0)
    throw new DataError(
      'columns_differ',
      `expected the columns of ${trainPlace} in ${place} (${expected.join(', ')}), got ${[
        ...(missing.length > 0 ? [`no ${missing.join(', ')}`] : []),
        ...(extra.length > 0 ? [`${extra.join(', ')} besides`] : []),
      ].join(' and ')}`,
    );
  const parsed = await parseSource(source, how, parsing);
  // A column that this file has no cell of is the training file's all the same.
  return { ...parsed, columns: parsed.columns.length === columns.length ? parsed.columns : columns };
}
