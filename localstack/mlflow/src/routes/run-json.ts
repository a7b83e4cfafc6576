import { latest } from '../store/metrics.ts';
import { artifactUri, type MetricPoint, type Run } from '../store/types.ts';

export function runJson(run: Run): Record<string, unknown> {
  const metrics = [...run.metrics].flatMap(([key, history]) => {
    const point = latest(history);
    return point === undefined ? [] : [metricJson(key, point)];
  });
  const data = { metrics, params: pairs(run.params), tags: pairs(run.tags) };
  return {
    info: infoJson(run),
    data: Object.fromEntries(Object.entries(data).filter(([, list]) => list.length > 0)),
    inputs: {},
    outputs: {},
  };
}

/** A run just made has no outputs yet, and MLflow says nothing of them. */
export function newRunJson(run: Run): Record<string, unknown> {
  const { outputs: _, ...rest } = runJson(run);
  return rest;
}

export function infoJson(run: Run): Record<string, unknown> {
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
export function metricJson(key: string, { value, timestamp, step }: MetricPoint): Record<string, unknown> {
  const wire = Number.isNaN(value) ? 'NaN' : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
  return { key, value: wire, timestamp, step };
}

function pairs(map: ReadonlyMap<string, string>): { key: string; value: string }[] {
  return [...map].map(([key, value]) => ({ key, value }));
}
