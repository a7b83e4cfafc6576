import { invalid } from '../errors.ts';
import type { Layout } from './layout.ts';
import type { MetricPoint, Run } from './types.ts';

interface Pair {
  readonly key: string;
  readonly value: string;
}

export interface RunFields {
  readonly metrics: readonly (MetricPoint & { readonly key: string })[];
  readonly params: readonly Pair[];
  readonly tags: readonly Pair[];
}

const MAX_PARAM = 6000;
const MAX_TAG = 8000;

/** Everything is checked before anything is written. @throws ApiError INVALID_PARAMETER_VALUE */
export function logFields(layout: Layout, run: Run, fields: RunFields): void {
  const params = fields.params.map(({ key, value }) => ({ key, value: value.slice(0, MAX_PARAM) }));
  assertDistinct(params);
  assertUnchanged(run, params);
  assertPlaces(run.params, params);
  assertPlaces(run.metrics, fields.metrics);
  assertPlaces(run.tags, fields.tags);
  for (const { key, value } of params) {
    if (run.params.has(key)) continue;
    layout.writeParam(run, key, value);
    run.params.set(key, value);
  }
  logMetrics(layout, run, fields.metrics);
  setTags(layout, run, fields.tags);
}

function assertDistinct(params: readonly Pair[]): void {
  const keys = params.map(({ key }) => key);
  const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
  if (twice.length > 0)
    throw invalid(
      `Duplicate parameter keys have been submitted: expected each key once, got ${twice.join(', ')}.`,
    );
}

function assertUnchanged(run: Run, params: readonly Pair[]): void {
  for (const { key, value } of params) {
    const before = run.params.get(key);
    if (before !== undefined && before !== value)
      throw invalid(
        `Changing param values is not allowed. Param with key='${key}' was already logged with value='${before}' for run ID='${run.id}'. Attempted logging new value '${value}'.`,
      );
  }
}

/** Keys are paths of files: `a` and `a/b` can not both be. */
export function assertPlaces(
  present: ReadonlyMap<string, unknown>,
  added: readonly { readonly key: string }[],
): void {
  const keys = new Set(present.keys());
  const folders = new Set([...keys].flatMap(foldersOf));
  for (const { key } of added) {
    const file = foldersOf(key).find((folder) => keys.has(folder));
    if (file !== undefined || folders.has(key))
      throw invalid(
        `expected keys that are no folder of one another, got '${key}' beside '${file ?? `${key}/…`}'`,
      );
    keys.add(key);
    for (const folder of foldersOf(key)) folders.add(folder);
  }
}

function foldersOf(key: string): string[] {
  const names = key.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

/** A repeated identical point is stored once. */
function logMetrics(layout: Layout, run: Run, metrics: RunFields['metrics']): void {
  const byKey = new Map<string, MetricPoint[]>();
  for (const { key, value, timestamp, step } of metrics) {
    const added = byKey.get(key) ?? [];
    added.push({ value, timestamp, step });
    byKey.set(key, added);
  }
  for (const [key, points] of byKey) {
    const history = run.metrics.get(key) ?? [];
    const seen = new Set(history.map(textOf));
    const added = points.filter((point) => {
      const isNew = !seen.has(textOf(point));
      seen.add(textOf(point));
      return isNew;
    });
    layout.appendMetric(run, key, added);
    run.metrics.set(key, [...history, ...added]);
  }
}

function textOf({ value, timestamp, step }: MetricPoint): string {
  return `${timestamp} ${value} ${step}`;
}

function setTags(layout: Layout, run: Run, tags: readonly Pair[]): void {
  for (const { key, value } of tags) {
    layout.writeTag(run, key, value.slice(0, MAX_TAG));
    run.tags.set(key, value.slice(0, MAX_TAG));
  }
  const name = tags.findLast(({ key }) => key === 'mlflow.runName')?.value;
  if (name === undefined) return;
  run.name = name;
  layout.writeRun(run);
}
