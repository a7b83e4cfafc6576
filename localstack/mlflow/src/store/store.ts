import { randomBytes } from 'node:crypto';
import { ApiError, invalid, missing } from '../errors.ts';
import type { Layout } from './layout.ts';
import type { Experiment, MetricPoint, Run, RunStatus } from './types.ts';

export interface NewRun {
  readonly experimentId: string;
  readonly name: string;
  readonly userId: string;
  readonly startTime: number;
  readonly tags: ReadonlyMap<string, string>;
}

export interface RunFields {
  readonly metrics: readonly (MetricPoint & { readonly key: string })[];
  readonly params: readonly { readonly key: string; readonly value: string }[];
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/** Experiments and runs: in memory as the index, on disk as the truth. Every change is on disk when its call returns. */
export interface Store {
  experiments(): Iterable<Experiment>;
  experiment(id: string): Experiment;
  experimentByName(name: string): Experiment | undefined;
  createExperiment(name: string, tags: ReadonlyMap<string, string>): Experiment;
  updateExperiment(id: string, change: Partial<Pick<Experiment, 'name' | 'lifecycle'>>): void;
  tagExperiment(id: string, key: string, value: string): void;
  runs(experimentIds: readonly string[]): Run[];
  run(id: string): Run;
  createRun(run: NewRun): Run;
  updateRun(
    id: string,
    change: { status?: RunStatus; endTime?: number; name?: string; lifecycle?: Run['lifecycle'] },
  ): Run;
  /** All of it, or, where a parameter would change, nothing. */
  log(id: string, fields: RunFields): void;
  deleteTag(id: string, key: string): void;
}

const MAX_PARAM = 6000;
const MAX_TAG = 8000;

export function openStore(layout: Layout, now: () => number): Store {
  const experiments = new Map(layout.readExperiments().map((experiment) => [experiment.id, experiment]));
  const runs = new Map(
    [...experiments.keys()].flatMap((id) => layout.readRuns(id)).map((run) => [run.id, run]),
  );
  const store: Store = {
    experiments: () => experiments.values(),
    experiment: (id) => experiments.get(id) ?? fail(missing(`No Experiment with id=${id} exists`)),
    experimentByName: (name) => [...experiments.values()].find((experiment) => experiment.name === name),
    createExperiment: (name, tags) => {
      const taken = store.experimentByName(name);
      if (taken !== undefined)
        throw new ApiError(
          'RESOURCE_ALREADY_EXISTS',
          `Experiment(name=${name}) already exists. State: ${taken.lifecycle}`,
        );
      const experiment: Experiment = {
        id: newExperimentId(experiments),
        name,
        lifecycle: 'active',
        creationTime: now(),
        lastUpdateTime: now(),
        tags: new Map(tags),
      };
      layout.writeExperiment(experiment);
      for (const [key, value] of tags) layout.writeExperimentTag(experiment.id, key, value);
      experiments.set(experiment.id, experiment);
      return experiment;
    },
    updateExperiment: (id, change) => {
      const changed = { ...store.experiment(id), ...change, lastUpdateTime: now() };
      layout.writeExperiment(changed);
      experiments.set(id, changed);
    },
    tagExperiment: (id, key, value) => {
      layout.writeExperimentTag(id, key, value);
      store.experiment(id).tags.set(key, value);
    },
    runs: (experimentIds) => [...runs.values()].filter((run) => experimentIds.includes(run.experimentId)),
    run: (id) => runs.get(id) ?? fail(missing(`Run with id=${id} not found`)),
    createRun: ({ experimentId, name, userId, startTime, tags }) => {
      assertActive(store.experiment(experimentId));
      const run: Run = {
        id: randomBytes(16).toString('hex'),
        experimentId,
        name,
        status: 'RUNNING',
        userId,
        startTime,
        endTime: undefined,
        lifecycle: 'active',
        params: new Map(),
        tags: new Map(tags),
        metrics: new Map(),
      };
      // Its tags first: a run becomes visible by its meta.yaml.
      for (const [key, value] of tags) layout.writeTag(run, key, value);
      layout.writeRun(run);
      runs.set(run.id, run);
      return run;
    },
    updateRun: (id, { status, endTime, name, lifecycle }) => {
      const run = store.run(id);
      run.status = status ?? run.status;
      run.endTime = endTime ?? run.endTime;
      run.lifecycle = lifecycle ?? run.lifecycle;
      if (name !== undefined) {
        run.name = name;
        run.tags.set('mlflow.runName', name);
        layout.writeTag(run, 'mlflow.runName', name);
      }
      layout.writeRun(run);
      return run;
    },
    log: (id, fields) => logFields(layout, activeRun(store, id), fields),
    deleteTag: (id, key) => {
      const run = activeRun(store, id);
      if (!run.tags.delete(key)) throw missing(`No tag with name: ${key} in run with id ${id}`);
      layout.removeTag(run, key);
    },
  };
  return store;
}

function fail(error: Error): never {
  throw error;
}

function activeRun(store: Store, id: string): Run {
  const run = store.run(id);
  if (run.lifecycle !== 'active')
    throw invalid(`The run ${id} must be in the 'active' state. Current state is deleted.`);
  return run;
}

function assertActive({ id, lifecycle }: Experiment): void {
  if (lifecycle !== 'active')
    throw invalid(`The experiment ${id} must be in the 'active' state. Current state is deleted.`);
}

/** MLflow's ids are decimal numbers of up to 18 digits. */
function newExperimentId(taken: ReadonlyMap<string, Experiment>): string {
  for (;;) {
    const id = String(
      100_000_000_000_000_000n + (randomBytes(8).readBigUInt64BE() % 800_000_000_000_000_000n),
    );
    if (!taken.has(id)) return id;
  }
}

function logFields(layout: Layout, run: Run, { metrics, params, tags }: RunFields): void {
  const cut = params.map(({ key, value }) => ({ key, value: value.slice(0, MAX_PARAM) }));
  const changed = cut.find(({ key, value }, index) => {
    const before = run.params.get(key) ?? cut.slice(0, index).find((other) => other.key === key)?.value;
    return before !== undefined && before !== value;
  });
  if (changed !== undefined) {
    throw invalid(
      `Changing param values is not allowed. Param with key='${changed.key}' was already logged with value='${run.params.get(changed.key) ?? ''}' for run ID='${run.id}'. Attempted logging new value '${changed.value}'.`,
    );
  }
  for (const { key, value } of cut) {
    if (run.params.has(key)) continue;
    layout.writeParam(run, key, value);
    run.params.set(key, value);
  }
  for (const { key, ...point } of metrics) logMetric(layout, run, key, point);
  for (const { key, value } of tags) {
    layout.writeTag(run, key, value.slice(0, MAX_TAG));
    run.tags.set(key, value.slice(0, MAX_TAG));
    if (key === 'mlflow.runName') run.name = value;
  }
  if (tags.some(({ key }) => key === 'mlflow.runName')) layout.writeRun(run);
}

/** A repeated identical point is stored once. */
function logMetric(layout: Layout, run: Run, key: string, point: MetricPoint): void {
  const history = run.metrics.get(key) ?? [];
  if (
    history.some(
      ({ value, timestamp, step }) =>
        Object.is(value, point.value) && timestamp === point.timestamp && step === point.step,
    )
  )
    return;
  layout.appendMetric(run, key, [point]);
  history.push(point);
  run.metrics.set(key, history);
}

/** The greatest by step, then timestamp, then value. */
export function latest(history: readonly MetricPoint[]): MetricPoint | undefined {
  return history.toSorted((a, b) => b.step - a.step || b.timestamp - a.timestamp || b.value - a.value)[0];
}
