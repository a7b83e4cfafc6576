import { invalid } from '../errors.ts';
import { parseFilter } from '../search/filter.ts';
import { parseOrder } from '../search/order.ts';
import { pageOf } from '../search/pages.ts';
import { latest, type RunFields } from '../store/store.ts';
import { artifactUri, RUN_STATUSES, type MetricPoint, type Run } from '../store/types.ts';
import type { Fields } from './fields.ts';
import type { Route } from './route.ts';

const LIMITS = { metrics: 1000, params: 100, tags: 100, total: 1000 };
const MAX_RESULTS = 50_000;
const HISTORY_RESULTS = 25_000;
const KEY = /^[\w\-. :/]{1,250}$/u;

export const runRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: 'runs/create',
    answer: (fields, { store }) => {
      const tags = new Map(
        fields.list('tags').map((tag) => [tag.text('key'), tag.optionalText('value') ?? '']),
      );
      const name = fields.optionalText('run_name') ?? tags.get('mlflow.runName') ?? '';
      tags.set('mlflow.runName', name);
      const run = store.createRun({
        experimentId: fields.text('experiment_id'),
        name,
        userId: fields.optionalText('user_id') ?? '',
        startTime: fields.optionalInteger('start_time') ?? 0,
        tags,
      });
      return { run: toJson(run) };
    },
  },
  {
    method: 'GET',
    path: 'runs/get',
    answer: (fields, { store }) => ({ run: toJson(store.run(runId(fields))) }),
  },
  {
    method: 'POST',
    path: 'runs/update',
    answer: (fields, { store }) => {
      const asked = fields.optionalText('status');
      const [endTime, name] = [fields.optionalInteger('end_time'), fields.optionalText('run_name')];
      // An unknown status leaves the status alone, as MLflow does.
      const status = RUN_STATUSES.find((each) => each === asked);
      const change = {
        ...(status === undefined ? {} : { status }),
        ...(endTime === undefined ? {} : { endTime }),
        ...(name === undefined ? {} : { name }),
      };
      return { run_info: infoOf(store.updateRun(runId(fields), change)) };
    },
  },
  {
    method: 'POST',
    path: 'runs/delete',
    answer: (fields, { store }) => void store.updateRun(runId(fields), { lifecycle: 'deleted' }),
  },
  {
    method: 'POST',
    path: 'runs/restore',
    answer: (fields, { store }) => void store.updateRun(runId(fields), { lifecycle: 'active' }),
  },
  {
    method: 'POST',
    path: 'runs/log-parameter',
    answer: (fields, { store }) => store.log(runId(fields), { ...NOTHING, params: [paramOf(fields)] }),
  },
  {
    method: 'POST',
    path: 'runs/log-metric',
    answer: (fields, { store }) => store.log(runId(fields), { ...NOTHING, metrics: [metricOf(fields)] }),
  },
  {
    method: 'POST',
    path: 'runs/set-tag',
    answer: (fields, { store }) => store.log(runId(fields), { ...NOTHING, tags: [tagOf(fields)] }),
  },
  {
    method: 'POST',
    path: 'runs/delete-tag',
    answer: (fields, { store }) => store.deleteTag(runId(fields), fields.text('key')),
  },
  {
    method: 'POST',
    path: 'runs/log-batch',
    answer: (fields, { store }) => {
      const batch = {
        metrics: fields.list('metrics'),
        params: fields.list('params'),
        tags: fields.list('tags'),
      };
      assertLimits(batch);
      store.log(runId(fields), {
        metrics: batch.metrics.map(metricOf),
        params: batch.params.map(paramOf),
        tags: batch.tags.map(tagOf),
      });
    },
  },
  {
    method: 'POST',
    path: 'runs/search',
    answer: (fields, { store }) => search(fields, store.runs(fields.texts('experiment_ids'))),
  },
  {
    method: 'GET',
    path: 'metrics/get-history',
    answer: (fields, { store }) => {
      const id = runId(fields);
      const key = fields.text('metric_key');
      const history = findHistory(store, id, key).toSorted(
        (a, b) => a.timestamp - b.timestamp || a.step - b.step,
      );
      const { items, next } = pageOf(
        history,
        fields.optionalInteger('max_results') ?? HISTORY_RESULTS,
        fields.optionalText('page_token'),
      );
      return {
        ...(items.length > 0 ? { metrics: items.map((point) => metricJson(key, point)) } : {}),
        ...(next === undefined ? {} : { next_page_token: next }),
      };
    },
  },
];

const NOTHING: RunFields = { metrics: [], params: [], tags: [] };

function runId(fields: Fields): string {
  return fields.optionalText('run_id') ?? fields.optionalText('run_uuid') ?? fields.text('run_id');
}

/** Of an unknown run, or an unknown key, there is none. */
function findHistory(
  store: { runs(ids: readonly string[]): Run[]; run(id: string): Run },
  id: string,
  key: string,
): readonly MetricPoint[] {
  try {
    return store.run(id).metrics.get(key) ?? [];
  } catch {
    return [];
  }
}

function keyOf(fields: Fields): string {
  const key = fields.text('key');
  if (!KEY.test(key))
    throw invalid(
      `Invalid value "${key}" for parameter 'key' supplied: Names may only contain alphanumerics, underscores, dashes, periods, spaces, colons and slashes, 250 at most.`,
    );
  return key;
}

function paramOf(fields: Fields): { key: string; value: string } {
  return { key: keyOf(fields), value: fields.optionalText('value') ?? '' };
}

function tagOf(fields: Fields): { key: string; value: string } {
  return { key: keyOf(fields), value: fields.text('value') };
}

function metricOf(fields: Fields): MetricPoint & { key: string } {
  return {
    key: keyOf(fields),
    value: fields.metric('value'),
    timestamp: fields.integer('timestamp'),
    step: fields.optionalInteger('step') ?? 0,
  };
}

function assertLimits(batch: {
  metrics: readonly unknown[];
  params: readonly unknown[];
  tags: readonly unknown[];
}): void {
  for (const name of ['metrics', 'params', 'tags'] as const) {
    if (batch[name].length > LIMITS[name])
      throw invalid(
        `A batch logging request can contain at most ${LIMITS[name]} ${name}. Got ${batch[name].length} ${name}. Please split up ${name} across multiple requests and try again.`,
      );
  }
  const total = batch.metrics.length + batch.params.length + batch.tags.length;
  if (total > LIMITS.total)
    throw invalid(
      `A batch logging request can contain at most ${LIMITS.total} metrics, params, and tags (combined). Got ${total}.`,
    );
}

function search(fields: Fields, runs: readonly Run[]): unknown {
  const maxResults = fields.optionalInteger('max_results') ?? 1000;
  if (maxResults < 1 || maxResults > MAX_RESULTS)
    throw invalid(
      `Invalid value for request parameter max_results. It must be at most ${MAX_RESULTS}, but got value ${maxResults}`,
    );
  const view = fields.optionalText('run_view_type') ?? 'ACTIVE_ONLY';
  const fits = parseFilter(fields.optionalText('filter') ?? '');
  const found = runs
    .filter(({ lifecycle }) => view === 'ALL' || (view === 'DELETED_ONLY') === (lifecycle === 'deleted'))
    .filter(fits)
    .toSorted(parseOrder(fields.texts('order_by')));
  const { items, next } = pageOf(found, maxResults, fields.optionalText('page_token'));
  return {
    ...(items.length > 0 ? { runs: items.map(toJson) } : {}),
    ...(next === undefined ? {} : { next_page_token: next }),
  };
}

function toJson(run: Run): unknown {
  const metrics = [...run.metrics].flatMap(([key, history]) => {
    const point = latest(history);
    return point === undefined ? [] : [metricJson(key, point)];
  });
  const pairs = (map: ReadonlyMap<string, string>) => [...map].map(([key, value]) => ({ key, value }));
  const data = { metrics, params: pairs(run.params), tags: pairs(run.tags) };
  return {
    info: infoOf(run),
    data: Object.fromEntries(Object.entries(data).filter(([, list]) => list.length > 0)),
    inputs: {},
  };
}

function infoOf(run: Run): Record<string, unknown> {
  return {
    run_uuid: run.id,
    experiment_id: run.experimentId,
    run_name: run.name,
    user_id: run.userId,
    status: run.status,
    start_time: run.startTime,
    ...(run.endTime === undefined ? {} : { end_time: run.endTime }),
    artifact_uri: artifactUri(run),
    lifecycle_stage: run.lifecycle,
    run_id: run.id,
  };
}

/** NaN travels as a string; infinities as the largest doubles, as MLflow's SQL stores keep them. */
function metricJson(key: string, { value, timestamp, step }: MetricPoint): unknown {
  const wire = Number.isNaN(value) ? 'NaN' : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
  return { key, value: wire, timestamp, step };
}
