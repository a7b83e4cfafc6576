// One JSON line for each notable thing.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type LogFields = { readonly event: string } & Readonly<Record<string, unknown>>;

export type Log = Readonly<Record<LogLevel, (fields: LogFields) => void>>;

const ORDER: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * Writes `{time, level, component: "event-sources", event, …}` for each line at or above `level`.
 * @param write receives a whole line with its line feed; defaults to standard error.
 */
export function createLog(level: LogLevel = 'info', write: (line: string) => void = toStandardError): Log {
  const at =
    (lineLevel: LogLevel) =>
    (fields: LogFields): void => {
      if (ORDER[lineLevel] < ORDER[level]) return;
      const line = {
        time: new Date().toISOString(),
        level: lineLevel,
        component: 'event-sources',
        ...fields,
      };
      write(`${JSON.stringify(line)}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function toStandardError(line: string): void {
  process.stderr.write(line);
}

function ignore(): void {}
