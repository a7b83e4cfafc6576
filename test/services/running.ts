/** Services that run already, such as containers of a CI job. Undefined: to be started as a process. */
export interface RunningServices {
  /** `host:port,…` */
  readonly kafka: string | undefined;
  /** `postgresql://user:password@host:port/database`; the database is MLflow's alone. */
  readonly postgres: string | undefined;
}

/**
 * With `--running`, those that the environment names. Never without it: the suites empty topics, and an exported variable
 * may name a broker whose records somebody needs.
 */
export function runningServices(
  asked: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): RunningServices {
  const named = (name: string): string | undefined =>
    asked.includes(RUNNING) && environment[name] !== '' ? environment[name] : undefined;
  return { kafka: named('KAFKA_BOOTSTRAP_SERVERS'), postgres: named('POSTGRES_URI') };
}

export const RUNNING = '--running';
