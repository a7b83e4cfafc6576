export type RunStatus = 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED' | 'SCHEDULED';

export interface Run {
  readonly runId: string;
  readonly runName: string;
  readonly experimentId: string;
  readonly status: RunStatus;
  /** Epoch ms. */
  readonly startTime: number;
  readonly artifactUri: string;
  readonly deleted: boolean;
  readonly params: Readonly<Record<string, string>>;
  /** The last value of each key. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  /** Epoch ms. */
  readonly timestamp: number;
}

export interface RunFields {
  readonly metrics?: readonly MetricPoint[];
  readonly params?: Readonly<Record<string, string | number | boolean>>;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface ArtifactInfo {
  /** Relative to the run's root. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Bytes. */
  readonly size: number;
}

/** The one door to MLflow. Throws ServiceError tracking_unavailable (retryable) or FltsError tracking_refused. */
export interface Tracking {
  /** The experiment's id; created where missing, restored where deleted. */
  experimentId(name: string): Promise<string>;
  createRun(run: {
    experimentId: string;
    runName: string;
    startTime: number;
    tags: Readonly<Record<string, string>>;
  }): Promise<Run>;
  /** undefined where there is no such run. */
  getRun(runId: string): Promise<Run | undefined>;
  /** Runs that carry this tag, oldest first. */
  findRuns(experimentId: string, tag: { key: string; value: string }, status: RunStatus): Promise<Run[]>;
  /** Any number of fields; sent in batches of MLflow's limits. */
  log(runId: string, fields: RunFields): Promise<void>;
  setStatus(runId: string, status: RunStatus, endTime: number): Promise<void>;
  putArtifact(run: Run, path: string, bytes: Uint8Array | string): Promise<void>;
  /** undefined where there is no such file. */
  getArtifact(run: Run, path: string): Promise<Uint8Array | undefined>;
  /** Files and folders directly below `path` ('' = the root); empty where there is no such folder. */
  listArtifacts(run: Run, path: string): Promise<ArtifactInfo[]>;
}
