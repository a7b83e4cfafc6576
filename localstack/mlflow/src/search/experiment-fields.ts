import type { Experiment } from '../store/types.ts';
import { attribute, splitKey, unknownEntity, type Field } from './field.ts';

const ATTRIBUTES: Readonly<Record<string, Field<Experiment>['value']>> = {
  name: ({ name }) => name,
  experiment_id: ({ id }) => id,
  creation_time: ({ creationTime }) => creationTime,
  last_update_time: ({ lastUpdateTime }) => lastUpdateTime,
};

/** What a key names in an experiment: a tag or an attribute. */
export function experimentField(key: string): Field<Experiment> {
  const { entity, rest } = splitKey(key);
  switch (entity) {
    case 'tags':
    case 'tag':
      return { name: rest, numeric: false, value: ({ tags }) => tags.get(rest) };
    case 'attributes':
    case 'attribute':
    case 'attr':
      return attribute(ATTRIBUTES, rest);
    default:
      throw unknownEntity(entity, ['tag', 'attribute']);
  }
}
