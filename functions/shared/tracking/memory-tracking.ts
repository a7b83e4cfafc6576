import { createHash } from 'node:crypto';
import type { ArtifactInfo, MetricPoint, Run, RunStatus, Tracking } from './tracking.ts';

interface StoredRun {
  run: Run;
  history: MetricPoint[];
  artifacts: Map<string, Uint8Array>;
}

export interface MemoryTracking extends Tracking {
  readonly runs: () => Run[];
  readonly history: (runId: string) => readonly MetricPoint[];
  /** Takes a run away with its artifacts, as an emptied MLflow would. */
  readonly remove: (runId: string) => void;
}

/** The Tracking of unit tests. Ids count up, so that a test reads the same every time. */
export function createMemoryTracking(): MemoryTracking {
  const experiments = new Map<string, string>();
  const stored = new Map<string, StoredRun>();
  const found = (runId: string): StoredRun => {
    const run = stored.get(runId);
    if (run === undefined) throw new Error(`expected a run ${runId}, got none`);
    return run;
  };
  const change = (runId: string, fields: Partial<Run>): void => {
    const entry = found(runId);
    entry.run = { ...entry.run, ...fields };
  };
  let created = 0;
  return {
    runs: () => [...stored.values()].map(({ run }) => run),
    history: (runId) => found(runId).history,
    remove: (runId) => void stored.delete(runId),
    async experimentId(name) {
      const id = experiments.get(name) ?? String(experiments.size + 1);
      experiments.set(name, id);
      return id;
    },
    async createRun({ experimentId, runName, startTime, tags }) {
      created += 1;
      const runId = createHash('md5').update(String(created)).digest('hex');
      const artifactUri = `mlflow-artifacts:/${experimentId}/${runId}/artifacts`;
      const run: Run = {
        runId,
        runName,
        experimentId,
        status: 'RUNNING',
        startTime,
        artifactUri,
        deleted: false,
        params: {},
        metrics: {},
        tags,
      };
      stored.set(runId, { run, history: [], artifacts: new Map() });
      return run;
    },
    getRun: async (runId) => stored.get(runId)?.run,
    async findRuns(experimentId, tag, status) {
      return [...stored.values()]
        .map(({ run }) => run)
        .filter(
          (run) =>
            run.experimentId === experimentId && run.status === status && run.tags[tag.key] === tag.value,
        )
        .toSorted((a, b) => a.startTime - b.startTime);
    },
    async log(runId, { metrics = [], params = {}, tags = {} }) {
      const entry = found(runId);
      entry.history.push(...metrics);
      const strings = Object.fromEntries(Object.entries(params).map(([key, value]) => [key, String(value)]));
      change(runId, {
        metrics: {
          ...entry.run.metrics,
          ...Object.fromEntries(metrics.map(({ key, value }) => [key, value])),
        },
        params: { ...entry.run.params, ...strings },
        tags: { ...entry.run.tags, ...tags },
      });
    },
    async setStatus(runId, status: RunStatus) {
      change(runId, { status });
    },
    async putArtifact(run, path, bytes) {
      found(run.runId).artifacts.set(path, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    },
    getArtifact: async (run, path) => stored.get(run.runId)?.artifacts.get(path),
    listArtifacts: async (run, path) => listBelow(stored.get(run.runId)?.artifacts ?? new Map(), path),
  };
}

function listBelow(artifacts: ReadonlyMap<string, Uint8Array>, path: string): ArtifactInfo[] {
  const prefix = path === '' ? '' : `${path}/`;
  const infos = new Map<string, ArtifactInfo>();
  for (const [name, bytes] of artifacts) {
    if (!name.startsWith(prefix)) continue;
    const [head = '', ...rest] = name.slice(prefix.length).split('/');
    const isFolder = rest.length > 0;
    infos.set(head, { path: prefix + head, isFolder, size: isFolder ? 0 : bytes.length });
  }
  return [...infos.values()];
}
