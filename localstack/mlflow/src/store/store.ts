import { randomBytes } from 'node:crypto';
import { ApiError, invalid, missing } from '../errors.ts';
import type { Layout } from './layout.ts';
import { assertPlaces, logFields, type RunFields } from './log-fields.ts';
import type { Experiment, Run, RunStatus } from './types.ts';

export interface NewRun {
  readonly experimentId: string;
  readonly name: string;
  readonly userId: string;
  readonly startTime: number;
  readonly tags: ReadonlyMap<string, string>;
}

/** Experiments and runs: in memory as the index, on disk as the truth. Every change is on disk when its call returns. */
export interface Store {
  experiments(): Iterable<Experiment>;
  experiment(id: string): Experiment;
  experimentByName(name: string): Experiment | undefined;
  createExperiment(name: string, tags: ReadonlyMap<string, string>): Experiment;
  updateExperiment(id: string, change: Partial<Pick<Experiment, 'name' | 'lifecycle'>>): void;
  tagExperiment(id: string, tag: { readonly key: string; readonly value: string }): void;
  runs(experimentIds: readonly string[]): Run[];
  run(id: string): Run;
  findRun(id: string): Run | undefined;
  createRun(run: NewRun): Run;
  updateRun(
    id: string,
    change: { status?: RunStatus; endTime?: number; name?: string; lifecycle?: Run['lifecycle'] },
  ): Run;
  /** All of it, or, where a parameter would change, nothing. */
  log(id: string, fields: RunFields): void;
  deleteTag(id: string, key: string): void;
}

/** MLflow's own first experiment, which is always there. */
const DEFAULT_EXPERIMENT = { id: '0', name: 'Default' };

export function openStore(layout: Layout, now: () => number): Store {
  const experiments = new Map(layout.readExperiments().map((experiment) => [experiment.id, experiment]));
  const runs = new Map(
    [...experiments.keys()].flatMap((id) => layout.readRuns(id)).map((run) => [run.id, run]),
  );
  const addExperiment = (named: Pick<Experiment, 'id' | 'name'>, tags: ReadonlyMap<string, string>) => {
    const time = now();
    const experiment: Experiment = {
      ...named,
      lifecycle: 'active',
      creationTime: time,
      lastUpdateTime: time,
      tags: new Map(tags),
    };
    // Its tags first: an experiment becomes visible by its meta.yaml.
    for (const [key, value] of tags) layout.writeExperimentTag(experiment.id, key, value);
    layout.writeExperiment(experiment);
    experiments.set(experiment.id, experiment);
    return experiment;
  };
  if (!experiments.has(DEFAULT_EXPERIMENT.id)) addExperiment(DEFAULT_EXPERIMENT, new Map());
  const store: Store = {
    experiments: () => experiments.values(),
    experiment: (id) => experiments.get(id) ?? fail(missing(`No Experiment with id=${id} exists`)),
    experimentByName: (name) => [...experiments.values()].find((experiment) => experiment.name === name),
    createExperiment: (name, tags) => {
      const namesake = store.experimentByName(name);
      if (namesake !== undefined) throw taken(namesake);
      assertPlaces(
        new Map(),
        [...tags.keys()].map((key) => ({ key })),
      );
      return addExperiment({ id: newExperimentId(experiments), name }, tags);
    },
    updateExperiment: (id, change) => {
      const namesake = change.name === undefined ? undefined : store.experimentByName(change.name);
      if (namesake !== undefined && namesake.id !== id) throw taken(namesake);
      const changed = { ...store.experiment(id), ...change, lastUpdateTime: now() };
      layout.writeExperiment(changed);
      experiments.set(id, changed);
    },
    tagExperiment: (id, { key, value }) => {
      const { tags } = store.experiment(id);
      assertPlaces(tags, [{ key }]);
      layout.writeExperimentTag(id, key, value);
      tags.set(key, value);
    },
    runs: (experimentIds) => [...runs.values()].filter((run) => experimentIds.includes(run.experimentId)),
    findRun: (id) => runs.get(id),
    run: (id) => runs.get(id) ?? fail(missing(`Run with id=${id} not found`)),
    createRun: ({ experimentId, name, userId, startTime, tags }) => {
      assertActive(store.experiment(experimentId));
      assertPlaces(
        new Map(),
        [...tags.keys()].map((key) => ({ key })),
      );
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

function taken({ name, lifecycle }: Experiment): ApiError {
  return new ApiError(
    'RESOURCE_ALREADY_EXISTS',
    `Experiment(name=${name}) already exists. State: ${lifecycle}`,
  );
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
