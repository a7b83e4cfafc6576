import { z } from 'zod';
import type { Run } from './tracking.ts';

const pair = z.object({ key: z.string(), value: z.string().default('') });
/** MLflow sends NaN and infinities as strings. */
const metric = z.object({
  key: z.string(),
  value: z.union([z.number(), z.string().transform(Number)]).default(0),
});

const run = z.object({
  info: z.object({
    run_id: z.string(),
    run_name: z.string().default(''),
    experiment_id: z.string(),
    status: z.enum(['RUNNING', 'FINISHED', 'FAILED', 'KILLED', 'SCHEDULED']).default('RUNNING'),
    start_time: z.coerce.number().default(0),
    artifact_uri: z.string().default(''),
    lifecycle_stage: z.string().default('active'),
  }),
  data: z
    .object({
      metrics: z.array(metric).default([]),
      params: z.array(pair).default([]),
      tags: z.array(pair).default([]),
    })
    .default({ metrics: [], params: [], tags: [] }),
});

export const runResponse = z.object({ run });
export const runsResponse = z.object({ runs: z.array(run).optional() });
export const experimentResponse = z.object({
  experiment: z.object({ experiment_id: z.string(), lifecycle_stage: z.string().default('active') }),
});
export const artifactListResponse = z.object({
  files: z
    .array(
      z.object({
        path: z.string(),
        is_dir: z.boolean().optional(),
        file_size: z.union([z.number(), z.string()]).optional(),
      }),
    )
    .optional(),
});

export function toRun({ info, data }: z.infer<typeof run>): Run {
  return {
    runId: info.run_id,
    runName: info.run_name,
    experimentId: info.experiment_id,
    status: info.status,
    startTime: info.start_time,
    artifactUri: info.artifact_uri,
    deleted: info.lifecycle_stage === 'deleted',
    params: Object.fromEntries(data.params.map(({ key, value }) => [key, value])),
    metrics: Object.fromEntries(data.metrics.map(({ key, value }) => [key, value])),
    tags: Object.fromEntries(data.tags.map(({ key, value }) => [key, value])),
  };
}
