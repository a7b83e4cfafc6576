import { invalid } from '../errors.ts';
import { parseFilter } from '../search/filter.ts';
import { parseOrder } from '../search/order.ts';
import { pageOf } from '../search/pages.ts';
import { runField } from '../search/run-fields.ts';
import { byTime } from '../store/metrics.ts';
import { randomRunName } from '../store/run-name.ts';
import type { RunFields } from '../store/log-fields.ts';
import type { Store } from '../store/store.ts';
import { RUN_STATUSES, type MetricPoint, type Run } from '../store/types.ts';
import type { Fields } from './fields.ts';
import { keyOf, pairOf, tagsOf } from './keys.ts';
import { infoJson, metricJson, newRunJson, runJson } from './run-json.ts';
import type { Route } from './route.ts';

const LIMITS = { metrics: 1000, params: 100, tags: 100, total: 1000 };
const MAX_RESULTS = 50_000;
const HISTORY_RESULTS = 25_000;

export const runRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: 'runs/create',
    answer: (fields, { store }) => {
      const tags = tagsOf(fields);
      const name = fields.optionalText('run_name') || tags.get('mlflow.runName') || randomRunName();
      tags.set('mlflow.runName', name);
      const run = store.createRun({
        experimentId: fields.text('experiment_id'),
        name,
        userId: fields.optionalText('user_id') ?? '',
        startTime: fields.optionalInteger('start_time') ?? 0,
        tags,
      });
      return { run: newRunJson(run) };
    },
  },
  {
    method: 'GET',
    path: 'runs/get',
    answer: (fields, { store }) => ({ run: runJson(store.run(runId(fields))) }),
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
      return { run_info: infoJson(store.updateRun(runId(fields), change)) };
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
    answer: (fields, { store }) => store.log(runId(fields), { ...NOTHING, params: [pairOf(fields)] }),
  },
  {
    method: 'POST',
    path: 'runs/log-metric',
    answer: (fields, { store }) => store.log(runId(fields), { ...NOTHING, metrics: [metricOf(fields)] }),
  },
  {
    method: 'POST',
    path: 'runs/set-tag',
    answer: (fields, { store }) => store.log(runId(fields), { ...NOTHING, tags: [pairOf(fields)] }),
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
        params: batch.params.map(pairOf),
        tags: batch.tags.map(pairOf),
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
      const history = findHistory(store, id, key).toSorted(byTime);
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
function findHistory(store: Store, id: string, key: string): readonly MetricPoint[] {
  return store.findRun(id)?.metrics.get(key) ?? [];
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

const newestFirst = (a: Run, b: Run): number => b.startTime - a.startTime || (a.id < b.id ? -1 : 1);

function search(fields: Fields, runs: readonly Run[]): unknown {
  const maxResults = fields.optionalInteger('max_results') ?? 1000;
  if (maxResults < 1 || maxResults > MAX_RESULTS)
    throw invalid(
      `Invalid value for request parameter max_results. It must be at most ${MAX_RESULTS}, but got value ${maxResults}`,
    );
  const view = fields.optionalText('run_view_type') ?? 'ACTIVE_ONLY';
  const fits = parseFilter(fields.optionalText('filter') ?? '', runField);
  const found = runs
    .filter(({ lifecycle }) => view === 'ALL' || (view === 'DELETED_ONLY') === (lifecycle === 'deleted'))
    .filter(fits)
    .toSorted(parseOrder(fields.texts('order_by'), { read: runField, otherwise: newestFirst }));
  const { items, next } = pageOf(found, maxResults, fields.optionalText('page_token'));
  return {
    ...(items.length > 0 ? { runs: items.map(runJson) } : {}),
    ...(next === undefined ? {} : { next_page_token: next }),
  };
}
