export interface Experiment {
  readonly id: string;
  name: string;
  lifecycle: 'active' | 'deleted';
  /** Epoch ms. */
  readonly creationTime: number;
  lastUpdateTime: number;
  readonly tags: Map<string, string>;
}

/** In the order of MLflow's numbers, which its file store keeps: 1 RUNNING, 2 SCHEDULED, 3 FINISHED, 4 FAILED, 5 KILLED. */
export const RUN_STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export interface MetricPoint {
  readonly value: number;
  /** Epoch ms. */
  readonly timestamp: number;
  readonly step: number;
}

export interface Run {
  readonly id: string;
  readonly experimentId: string;
  name: string;
  status: RunStatus;
  readonly userId: string;
  /** Epoch ms. */
  readonly startTime: number;
  endTime: number | undefined;
  lifecycle: 'active' | 'deleted';
  readonly params: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly metrics: Map<string, MetricPoint[]>;
}

export function artifactUri(run: Pick<Run, 'id' | 'experimentId'>): string {
  return `mlflow-artifacts:/${run.experimentId}/${run.id}/artifacts`;
}
