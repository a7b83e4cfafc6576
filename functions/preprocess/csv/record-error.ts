import { DataError } from '../../shared/errors.ts';
import type { BadRecord } from './parse-block.ts';
import type { OpenCsv } from './source.ts';

/** @throws DataError row_ragged, file_unreadable, with the line */
export function recordError(
  { place, header }: OpenCsv,
  { line, fields, closed, endsEmpty }: BadRecord,
): DataError {
  if (!closed)
    return new DataError(
      'file_unreadable',
      `expected quotes around whole fields in ${place}, line ${line}, got one that is not closed or has text after it`,
    );
  return new DataError(
    'row_ragged',
    `expected ${header.names.length} fields as in the header in ${place}, line ${line}, got ${fields}` +
      (endsEmpty ? ', the last of them empty: the line ends with what parts the cells' : ''),
  );
}
