import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const measurement = z.object({ seconds: z.number(), peak_mb: z.number().optional() });
export type Measurement = z.infer<typeof measurement>;

/**
 * A process that says `ready` (and, in JSON after it, what others need to know), then answers each line with the seconds that
 * its work took, or an object of them and its peak memory.
 */
export interface MeasuringProcess {
  readonly environment: Readonly<Record<string, string>>;
  measure(): Promise<Measurement>;
  close(): void;
}

/** Undefined where it cannot be started. */
export async function startProcess(
  command: string,
  words: readonly string[],
): Promise<MeasuringProcess | undefined> {
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', mutedErrors(command)] });
  child.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { done, value } = await lines.next();
    if (done === true) throw new Error(`expected an answer from ${command} ${words.join(' ')}, got none`);
    return value;
  };
  const greeting = await next().catch(() => '');
  if (!greeting.startsWith('ready')) return undefined;
  return {
    environment: z.record(z.string(), z.string()).parse(JSON.parse(greeting.slice(5) || '{}')),
    measure: async () => {
      const answer = next();
      child.stdin.write('go\n');
      const value: unknown = JSON.parse(await answer);
      return measurement.parse(typeof value === 'number' ? { seconds: value } : value);
    },
    close: () => void child.kill(),
  };
}

/** What Python says of a package that is missing is told in other words. */
function mutedErrors(command: string): 'inherit' | 'ignore' {
  return command === process.execPath ? 'inherit' : 'ignore';
}
