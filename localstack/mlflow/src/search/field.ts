import { invalid } from '../errors.ts';

/** What a key of a filter or an order names. */
export interface Field<T> {
  readonly name: string;
  readonly numeric: boolean;
  readonly value: (item: T) => string | number | undefined;
}

/** @throws ApiError INVALID_PARAMETER_VALUE for a key that names nothing */
export type ReadField<T> = (key: string) => Field<T>;

/** `entity.rest`, its quotes taken off; a bare key is an attribute. */
export function splitKey(key: string): { entity: string; rest: string } {
  const dot = key.indexOf('.');
  if (dot < 0) return { entity: 'attributes', rest: key };
  const rest = key.slice(dot + 1);
  return { entity: key.slice(0, dot), rest: /^[`"'].*[`"']$/u.test(rest) ? rest.slice(1, -1) : rest };
}

/** One of the fields that every item has. */
export function attribute<T>(
  attributes: Readonly<Record<string, Field<T>['value']>>,
  name: string,
): Field<T> {
  const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  if (value === undefined)
    throw invalid(
      `Invalid attribute key '${name}' specified. Valid keys are '${Object.keys(attributes).join(', ')}'`,
    );
  return { name, numeric: name.endsWith('_time'), value };
}

export function unknownEntity(entity: string, known: readonly string[]): Error {
  return invalid(`Invalid entity type '${entity}'. Valid values are ${known.join(', ')}`);
}
