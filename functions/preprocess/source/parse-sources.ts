import { DataError } from '../../shared/errors.ts';
import type { Tell } from '../progress.ts';
import type { Spill } from '../columns/spill.ts';
import type { Thread } from '../threads/threads.ts';
import type { Download } from './download.ts';
import { formatOfKey } from './format.ts';
import { FORMATS } from './formats.ts';
import type { ParsedRows } from './in-order.ts';
import type { SourceFile } from './source-file.ts';

/** What settings say of how a file is read. */
export type HowToRead = Pick<SourceFile, 'indexColumn' | 'groupColumn' | 'dateFormat'>;

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
  return FORMATS[formatOfKey(source.key)].parse(file, { spill, onRows, threads });
}

/** What a test file goes by. */
export interface TrainingFile extends Pick<HowToRead, 'dateFormat'> {
  readonly place: string;
  readonly rows: Pick<ParsedRows, 'indexColumn' | 'columns' | 'groups'>;
}

/**
 * Parses the test file, whose columns are those of the training file in any order; its format may be another.
 * @throws DataError columns_differ
 */
export async function parseTestSource(
  source: Download,
  train: TrainingFile,
  parsing: Parsing,
): Promise<ParsedRows> {
  const { indexColumn, columns, groups } = train.rows;
  const how = { indexColumn, groupColumn: groups?.column, dateFormat: train.dateFormat };
  const place = placeOf(source);
  const names = await FORMATS[formatOfKey(source.key)].columns({ file: source.file, place, ...how });
  const expected = [indexColumn, ...(groups === undefined ? [] : [groups.column]), ...columns];
  const missing = expected.filter((name) => !names.includes(name));
  const extra = names.filter((name) => !expected.includes(name));
  if (missing.length > 0 || extra.length > 0)
    throw new DataError(
      'columns_differ',
      `expected the columns of ${train.place} in ${place} (${expected.join(', ')}), got ${[
        ...(missing.length > 0 ? [`no ${missing.join(', ')}`] : []),
        ...(extra.length > 0 ? [`${extra.join(', ')} besides`] : []),
      ].join(' and ')}`,
    );
  return parseSource(source, how, parsing);
}
