import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { appendLines, filesBelow, readWholeLines, readYaml, writeAtomically, writeYaml } from './files.ts';
import { artifactUri, RUN_STATUSES, type Experiment, type MetricPoint, type Run } from './types.ts';

/** MLflow's own FileStore layout: <root>/<experiment>/meta.yaml, <root>/<experiment>/<run>/{meta.yaml,metrics,params,tags}. */
export interface Layout {
  readExperiments(): Experiment[];
  readRuns(experimentId: string): Run[];
  writeExperiment(experiment: Experiment): void;
  writeExperimentTag(id: string, key: string, value: string): void;
  /** Makes a run visible, or changes its fields. */
  writeRun(run: Run): void;
  writeParam(run: Run, key: string, value: string): void;
  writeTag(run: Run, key: string, value: string): void;
  removeTag(run: Run, key: string): void;
  appendMetric(run: Run, key: string, points: readonly MetricPoint[]): void;
}

/** What can not be read is told to `unreadable`, and left where it is. */
export function createLayout(root: string, unreadable: (path: string, cause: unknown) => void): Layout {
  const experimentFolder = (id: string): string => join(root, id);
  const runFolder = (run: Pick<Run, 'id' | 'experimentId'>): string => join(root, run.experimentId, run.id);
  const attempt = <T>(folder: string, read: (folder: string, meta: Meta) => T): T[] => {
    const path = join(folder, 'meta.yaml');
    try {
      const meta = readYaml(path);
      return meta === undefined ? [] : [read(folder, meta)];
    } catch (cause) {
      unreadable(path, cause);
      return [];
    }
  };
  return {
    readExperiments: () =>
      folders(root).flatMap((id) =>
        attempt(experimentFolder(id), (folder, meta) =>
          toExperiment(id, meta, readValues(join(folder, 'tags'))),
        ),
      ),
    readRuns: (experimentId) =>
      folders(experimentFolder(experimentId)).flatMap((id) =>
        attempt(runFolder({ id, experimentId }), (folder, meta) => toRun({ id, experimentId, folder }, meta)),
      ),
    writeExperiment: ({ id, name, lifecycle, creationTime, lastUpdateTime }) =>
      writeYaml(join(experimentFolder(id), 'meta.yaml'), {
        artifact_location: `mlflow-artifacts:/${id}`,
        creation_time: creationTime,
        experiment_id: id,
        last_update_time: lastUpdateTime,
        lifecycle_stage: lifecycle,
        name,
      }),
    writeExperimentTag: (id, key, value) => writeAtomically(join(experimentFolder(id), 'tags', key), value),
    writeRun: (run) => {
      // MLflow takes a folder without these for no run.
      for (const name of ['metrics', 'params', 'artifacts'])
        mkdirSync(join(runFolder(run), name), { recursive: true });
      writeYaml(join(runFolder(run), 'meta.yaml'), {
        artifact_uri: artifactUri(run),
        end_time: run.endTime ?? null,
        entry_point_name: '',
        experiment_id: run.experimentId,
        lifecycle_stage: run.lifecycle,
        run_id: run.id,
        run_name: run.name,
        source_name: '',
        source_type: 4,
        source_version: '',
        start_time: run.startTime,
        status: RUN_STATUSES.indexOf(run.status) + 1,
        tags: [],
        user_id: run.userId,
      });
    },
    writeParam: (run, key, value) => writeAtomically(join(runFolder(run), 'params', key), value),
    writeTag: (run, key, value) => writeAtomically(join(runFolder(run), 'tags', key), value),
    removeTag: (run, key) => rmSync(join(runFolder(run), 'tags', key), { force: true }),
    appendMetric: (run, key, points) =>
      appendLines(
        join(runFolder(run), 'metrics', key),
        points.map(({ timestamp, value, step }) => `${timestamp} ${pythonFloat(value)} ${step}`),
      ),
  };
}

type Meta = ReadonlyMap<string, string>;

function folders(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'models')
    .map((entry) => entry.name);
}

function toExperiment(id: string, meta: Meta, tags: Map<string, string>): Experiment {
  return {
    id,
    name: meta.get('name') ?? id,
    lifecycle: meta.get('lifecycle_stage') === 'deleted' ? 'deleted' : 'active',
    creationTime: numberOf(meta, 'creation_time') ?? 0,
    lastUpdateTime: numberOf(meta, 'last_update_time') ?? 0,
    tags,
  };
}

function toRun(
  { id, experimentId, folder }: { id: string; experimentId: string; folder: string },
  meta: Meta,
): Run {
  const metricsFolder = join(folder, 'metrics');
  const metrics = filesBelow(metricsFolder).map((key): [string, MetricPoint[]] => [
    key,
    readWholeLines(join(metricsFolder, key)).map(toPoint),
  ]);
  return {
    id,
    experimentId,
    name: meta.get('run_name') ?? '',
    status: RUN_STATUSES[(numberOf(meta, 'status') ?? 1) - 1] ?? 'RUNNING',
    userId: meta.get('user_id') ?? '',
    startTime: numberOf(meta, 'start_time') ?? 0,
    endTime: numberOf(meta, 'end_time'),
    lifecycle: meta.get('lifecycle_stage') === 'deleted' ? 'deleted' : 'active',
    params: readValues(join(folder, 'params')),
    tags: readValues(join(folder, 'tags')),
    metrics: new Map(metrics),
  };
}

/** Undefined where there is none, or null. */
function numberOf(meta: Meta, field: string): number | undefined {
  const text = meta.get(field) ?? '';
  return /^-?\d+$/u.test(text) ? Number(text) : undefined;
}

function readValues(folder: string): Map<string, string> {
  return new Map(filesBelow(folder).map((key) => [key, readFileSync(join(folder, key), 'utf8')]));
}

function toPoint(line: string): MetricPoint {
  const [timestamp = '0', value = '0', step = '0'] = line.split(' ');
  return { timestamp: Number(timestamp), value: fromPythonFloat(value), step: Number(step) };
}

/** Python writes and reads nan, inf and -inf. */
function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? 'inf' : '-inf';
}

function fromPythonFloat(text: string): number {
  return (
    { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY }[text] ?? Number(text)
  );
}
