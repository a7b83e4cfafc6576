import { FltsError, ServiceError } from '../errors.ts';
import {
  artifactListResponse,
  experimentResponse,
  runResponse,
  runsResponse,
  toRun,
} from './mlflow-schema.ts';
import type { ArtifactInfo, MetricPoint, Run, RunFields, Tracking } from './tracking.ts';

const TIMEOUT_MS = 30_000;
/** MLflow takes at most this many in one log-batch. */
const MAX_METRICS = 1000;
const MAX_PARAMS = 100;

/** A client of MLflow's tracking REST API and its artifact proxy. */
export function createMlflowTracking(trackingUri: string, doFetch: typeof fetch = fetch): Tracking {
  const http = createMlflowHttp(trackingUri.replace(/\/+$/u, ''), doFetch);
  return {
    experimentId: (name) => experimentId(http, name),
    createRun: async ({ experimentId: experiment_id, runName, startTime, tags }) => {
      const answer = await http.post('runs/create', {
        experiment_id,
        run_name: runName,
        start_time: startTime,
        tags: pairs(tags),
      });
      return toRun(runResponse.parse(answer).run);
    },
    getRun: async (runId) => {
      const answer = await http.get('runs/get', { run_id: runId });
      return answer === undefined ? undefined : toRun(runResponse.parse(answer).run);
    },
    findRuns: async (experiment, tag, status) => {
      const filter = `tags.\`${tag.key}\` = '${tag.value}' AND attributes.status = '${status}'`;
      const body = {
        experiment_ids: [experiment],
        filter,
        max_results: 100,
        order_by: ['attributes.start_time ASC'],
      };
      return (runsResponse.parse(await http.post('runs/search', body)).runs ?? []).map(toRun);
    },
    log: (runId, fields) => logFields(http, runId, fields),
    setStatus: async (runId, status, endTime) => {
      await http.post('runs/update', { run_id: runId, status, end_time: endTime });
    },
    putArtifact: async (run, path, bytes) => {
      await http.artifact('PUT', artifactPath(run, path), bytes);
    },
    getArtifact: (run, path) => getArtifact(http, run, path),
    listArtifacts: (run, path) => listArtifacts(http, run.runId, path),
  };
}

interface MlflowHttp {
  post(path: string, body: unknown): Promise<unknown>;
  /** undefined on RESOURCE_DOES_NOT_EXIST. */
  get(path: string, query: Record<string, string>): Promise<unknown>;
  artifact(method: 'GET' | 'PUT', path: string, body?: Uint8Array | string): Promise<Uint8Array | undefined>;
}

function createMlflowHttp(base: string, doFetch: typeof fetch): MlflowHttp {
  async function call(url: string, init: RequestInit): Promise<Response> {
    try {
      return await doFetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ServiceError(
        'tracking_unavailable',
        `expected MLflow to answer ${init.method} ${url}, got ${reason}`,
        { cause },
      );
    }
  }
  return {
    post: async (path, body) => {
      const url = `${base}/api/2.0/mlflow/${path}`;
      const response = await call(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw await refusal(url, response);
      return response.json();
    },
    get: async (path, query) => {
      const url = `${base}/api/2.0/mlflow/${path}?${new URLSearchParams(query).toString()}`;
      const response = await call(url, { method: 'GET' });
      if (response.status === 404) return undefined;
      if (!response.ok) throw await refusal(url, response);
      return response.json();
    },
    artifact: async (method, path, body) => {
      const url = `${base}/api/2.0/mlflow-artifacts/artifacts/${path}`;
      const response = await call(url, {
        method,
        ...(body === undefined ? {} : { body: Buffer.from(body) }),
      });
      if (response.status === 404 && method === 'GET') return undefined;
      if (!response.ok) throw await refusal(url, response);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

async function refusal(url: string, response: Response): Promise<FltsError> {
  const text = (await response.text()).slice(0, 500);
  const message = `expected MLflow to take ${url}, got ${response.status} ${text}`;
  // Permissions are the operator's to mend.
  if (response.status >= 500 || [401, 403, 408, 429].includes(response.status))
    return new ServiceError('tracking_unavailable', message);
  return new FltsError('tracking_refused', message);
}

async function experimentId(http: MlflowHttp, name: string): Promise<string> {
  const found = await http.get('experiments/get-by-name', { experiment_name: name });
  if (found !== undefined) {
    const { experiment } = experimentResponse.parse(found);
    if (experiment.lifecycle_stage === 'deleted')
      await http.post('experiments/restore', { experiment_id: experiment.experiment_id });
    return experiment.experiment_id;
  }
  try {
    const created = await http.post('experiments/create', { name });
    return experimentResponse.shape.experiment.parse(created).experiment_id;
  } catch (cause) {
    // Lost the race: a rival created it between our two calls.
    if (cause instanceof FltsError && cause.message.includes('RESOURCE_ALREADY_EXISTS'))
      return experimentId(http, name);
    throw cause;
  }
}

async function logFields(
  http: MlflowHttp,
  runId: string,
  { metrics = [], params = {}, tags = {} }: RunFields,
): Promise<void> {
  const paramPairs = pairs(params);
  for (let start = 0; start < paramPairs.length; start += MAX_PARAMS) {
    await http.post('runs/log-batch', { run_id: runId, params: paramPairs.slice(start, start + MAX_PARAMS) });
  }
  const wire = metrics.map(wireMetric);
  for (let start = 0; start < wire.length; start += MAX_METRICS) {
    await http.post('runs/log-batch', { run_id: runId, metrics: wire.slice(start, start + MAX_METRICS) });
  }
  if (Object.keys(tags).length > 0) await http.post('runs/log-batch', { run_id: runId, tags: pairs(tags) });
}

/** Not-a-number values travel as strings: bare ones would be stored as 0 and drop what follows them. */
function wireMetric({ key, value, step, timestamp }: MetricPoint): Record<string, unknown> {
  return { key, value: Number.isFinite(value) ? value : String(value), step, timestamp };
}

function pairs(
  values: Readonly<Record<string, string | number | boolean>>,
): { key: string; value: string }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: String(value) }));
}

async function getArtifact(http: MlflowHttp, run: Run, path: string): Promise<Uint8Array | undefined> {
  try {
    return await http.artifact('GET', artifactPath(run, path));
  } catch (cause) {
    // Over an object store MLflow answers a missing file with 500: the listing tells it from a store that is down.
    const folder = path.split('/').slice(0, -1).join('/');
    const listed = await listArtifacts(http, run.runId, folder);
    if (listed.some((file) => file.path === path)) throw cause;
    return undefined;
  }
}

async function listArtifacts(http: MlflowHttp, runId: string, path: string): Promise<ArtifactInfo[]> {
  const answer = await http.get('artifacts/list', path === '' ? { run_id: runId } : { run_id: runId, path });
  const { files = [] } = artifactListResponse.parse(answer ?? {});
  return files.map(({ path: filePath, is_dir, file_size }) => ({
    path: filePath,
    isFolder: is_dir ?? false,
    size: Number(file_size ?? 0),
  }));
}

/** The proxy's path of an artifact: `mlflow-artifacts:/<experiment>/<run>/artifacts` without its scheme, each segment encoded once. */
function artifactPath(run: Run, path: string): string {
  const root = run.artifactUri.replace(/^mlflow-artifacts:\/+/u, '');
  if (root === run.artifactUri) {
    throw new FltsError(
      'tracking_refused',
      `expected MLflow to serve artifacts (mlflow-artifacts:/…), got ${run.artifactUri}`,
    );
  }
  return `${root}/${path}`.split('/').map(encodeURIComponent).join('/');
}
