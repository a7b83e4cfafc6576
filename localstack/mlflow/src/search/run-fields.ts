import { latest } from '../store/metrics.ts';
import { artifactUri, type Run } from '../store/types.ts';
import { attribute, splitKey, unknownEntity, type Field } from './field.ts';

const ATTRIBUTES: Readonly<Record<string, Field<Run>['value']>> = {
  run_id: (run) => run.id,
  run_name: (run) => run.name,
  status: (run) => run.status,
  user_id: (run) => run.userId,
  artifact_uri: (run) => artifactUri(run),
  start_time: (run) => run.startTime,
  end_time: (run) => run.endTime,
};
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['Run name', 'run_name'],
  ['run name', 'run_name'],
  ['Run Name', 'run_name'],
  ['created', 'start_time'],
  ['Created', 'start_time'],
]);

/** What a key names in a run: a parameter, a tag, the latest of a metric, or an attribute. */
export function runField(key: string): Field<Run> {
  const { entity, rest } = splitKey(key);
  switch (entity) {
    case 'params':
    case 'param':
    case 'parameters':
    case 'parameter':
      return { name: rest, numeric: false, value: (run) => run.params.get(rest) };
    case 'tags':
    case 'tag':
      return { name: rest, numeric: false, value: (run) => run.tags.get(rest) };
    case 'metrics':
    case 'metric':
      return { name: rest, numeric: true, value: (run) => latest(run.metrics.get(rest) ?? [])?.value };
    case 'attributes':
    case 'attribute':
    case 'attr':
    case 'run':
      return attribute(ATTRIBUTES, ALIASES.get(rest) ?? rest);
    default:
      throw unknownEntity(entity, ['metric', 'parameter', 'tag', 'attribute']);
  }
}
