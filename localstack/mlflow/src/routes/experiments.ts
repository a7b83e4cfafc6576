import { invalid, missing } from '../errors.ts';
import { experimentField } from '../search/experiment-fields.ts';
import { parseFilter } from '../search/filter.ts';
import { parseOrder } from '../search/order.ts';
import { pageOf } from '../search/pages.ts';
import type { Store } from '../store/store.ts';
import type { Experiment } from '../store/types.ts';
import type { Fields } from './fields.ts';
import { pairOf, tagsOf } from './keys.ts';
import type { Route } from './route.ts';

const MAX_RESULTS = 50_000;

export const experimentRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: 'experiments/create',
    answer: (fields, { store }) => {
      const name = fields.text('name');
      if (name === '') throw invalid("Invalid experiment name: ''");
      return { experiment_id: store.createExperiment(name, tagsOf(fields)).id };
    },
  },
  {
    method: 'GET',
    path: 'experiments/get',
    answer: (fields, { store }) => ({ experiment: toJson(store.experiment(fields.text('experiment_id'))) }),
  },
  {
    method: 'GET',
    path: 'experiments/get-by-name',
    answer: (fields, { store }) => {
      const name = fields.text('experiment_name');
      const experiment = store.experimentByName(name);
      if (experiment === undefined) throw missing(`Could not find experiment with name '${name}'`);
      return { experiment: toJson(experiment) };
    },
  },
  { method: 'POST', path: 'experiments/search', answer: (fields, { store }) => search(fields, store) },
  { method: 'GET', path: 'experiments/search', answer: (fields, { store }) => search(fields, store) },
  {
    method: 'POST',
    path: 'experiments/update',
    answer: (fields, { store }) =>
      store.updateExperiment(fields.text('experiment_id'), { name: fields.text('new_name') }),
  },
  {
    method: 'POST',
    path: 'experiments/delete',
    answer: (fields, { store }) =>
      store.updateExperiment(fields.text('experiment_id'), { lifecycle: 'deleted' }),
  },
  {
    method: 'POST',
    path: 'experiments/restore',
    answer: (fields, { store }) =>
      store.updateExperiment(fields.text('experiment_id'), { lifecycle: 'active' }),
  },
  {
    method: 'POST',
    path: 'experiments/set-experiment-tag',
    answer: (fields, { store }) => store.tagExperiment(fields.text('experiment_id'), pairOf(fields)),
  },
];

const newestFirst = (a: Experiment, b: Experiment): number =>
  b.lastUpdateTime - a.lastUpdateTime || (a.id < b.id ? 1 : -1);

function search(fields: Fields, store: Store): unknown {
  const maxResults = fields.integer('max_results');
  if (maxResults < 1 || maxResults > MAX_RESULTS)
    throw invalid(
      `Invalid value ${maxResults} for parameter 'max_results' supplied. It must be at most ${MAX_RESULTS}`,
    );
  const view = fields.optionalText('view_type') ?? 'ACTIVE_ONLY';
  const fits = parseFilter(fields.optionalText('filter') ?? '', experimentField);
  const order = parseOrder(fields.texts('order_by'), { read: experimentField, otherwise: newestFirst });
  const seen = [...store.experiments()]
    .filter(({ lifecycle }) => view === 'ALL' || (view === 'DELETED_ONLY') === (lifecycle === 'deleted'))
    .filter(fits)
    .toSorted(order);
  const { items, next } = pageOf(seen, maxResults, fields.optionalText('page_token'));
  return {
    ...(items.length > 0 ? { experiments: items.map(toJson) } : {}),
    ...(next === undefined ? {} : { next_page_token: next }),
  };
}

function toJson({ id, name, lifecycle, creationTime, lastUpdateTime, tags }: Experiment): unknown {
  return {
    experiment_id: id,
    name,
    artifact_location: `mlflow-artifacts:/${id}`,
    lifecycle_stage: lifecycle,
    last_update_time: lastUpdateTime,
    creation_time: creationTime,
    ...(tags.size > 0 ? { tags: [...tags].map(([key, value]) => ({ key, value })) } : {}),
    workspace: 'default',
  };
}
