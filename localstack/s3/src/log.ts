/** One thing worth telling the operator; `code` is stable, `message` is for people. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  readonly code: string;
  readonly message: string;
  readonly cause?: unknown;
}

export type Log = (entry: LogEntry) => void;
