import type { Columns } from '@flts/model-runtime';
import { clipColumns } from '../../shared/dataset/clip.ts';
import { DataError } from '../../shared/errors.ts';
import type { ServedModel } from '../../shared/serving/serving-models.ts';
import { parseNumbers } from './cells.ts';
import { futureColumnNames } from './request-rows.ts';
import type { RequestColumns } from './timestamps.ts';

/**
 * Known-future columns (FUTURE_COLUMNS) for the steps asked, clipped as in training; a column that is left out holds its last value.
 * @throws DataError request_invalid (an unknown name, fewer values than steps), column_not_numeric
 */
export function futureColumns(
  future: RequestColumns | null | undefined,
  steps: number,
  { model, meta }: ServedModel,
): Columns {
  const names = futureColumnNames(model.info);
  const entries = Object.entries(future ?? {}).map(([name, values]) => {
    if (!names.includes(name))
      throw new DataError(
        'request_invalid',
        `expected columns of future among ${names.join(', ') || 'none (the dataset has no FUTURE_COLUMNS)'}, got ${name}`,
      );
    if (values.length < steps)
      throw new DataError(
        'request_invalid',
        `expected ${steps} values of ${name} in future, one a step, got ${values.length}`,
      );
    const missing = values.slice(0, steps).indexOf(null);
    if (missing >= 0)
      throw new DataError(
        'column_not_numeric',
        `expected a finite number in column "${name}" of future, row ${missing}, got null`,
      );
    return [name, parseNumbers(values.slice(0, steps), name)] as const;
  });
  return clipColumns(Object.fromEntries(entries), meta.clipping?.bounds ?? {}).values;
}
