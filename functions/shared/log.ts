import { pino } from 'pino';

/** One JSON line an event; `event` is its stable name, which README's troubleshooting table refers to. */
export interface Log {
  debug(fields: LogFields): void;
  info(fields: LogFields): void;
  warn(fields: LogFields): void;
  error(fields: LogFields): void;
}

export interface LogFields {
  event: string;
  [field: string]: unknown;
}

/** Logs to stderr, level LOG_LEVEL (default info), as the function `name`. */
export function createLog(name: string, level: string): Log {
  return pino(
    { name, level, base: { function: name }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
