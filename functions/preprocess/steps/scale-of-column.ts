import { fitColumn, type ScalerKind, type ScalerParameters } from '@flts/model-runtime';
import { mapColumn, type ColumnsByName } from '../columns/column.ts';
import { allValues } from '../columns/known-values.ts';

/** The scaler of a column of fit rows; `constant` is added to what is scaled, and so taken away from what is scaled back. */
export function scaleOfColumn(
  { values }: ColumnsByName,
  { kind, constant }: { readonly kind: ScalerKind; readonly constant: number },
): ScalerParameters {
  if (values === undefined) throw new TypeError('expected values, got none');
  const { offset, scale } = fitColumn(kind, allValues(mapColumn(values, (value) => value + constant)));
  return { offset: offset - constant, scale };
}
