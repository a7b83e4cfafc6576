import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DEFAULT_CREDENTIALS } from '@flts/s3';
import { ROOT, type RunningStack } from './running-stack.ts';

const sls = join(
  dirname(createRequire(import.meta.url).resolve('serverless/package.json')),
  'bin/serverless.js',
);

export interface Invoked {
  readonly exitCode: number;
  readonly output: string;
  /** What the function returned. */
  readonly answer: Record<string, unknown>;
  /** The names of what it logged, each with the code of its error where it has one. */
  readonly events: readonly string[];
}

/** `sls invoke local` of a function with its event of test/events, beside a stack that runs. */
export function invokeLocal(name: string, stack: RunningStack): Promise<Invoked> {
  const options = {
    cwd: ROOT,
    env: {
      ...process.env,
      // vitest's own, which osls takes for the stage.
      NODE_ENV: '',
      KAFKA_BOOTSTRAP_SERVERS: stack.kafka,
      AWS_ENDPOINT_URL_S3: stack.s3Endpoint,
      MLFLOW_TRACKING_URI: stack.mlflow,
      // As npm start has it; closed where nothing is said.
      PUBLIC_READS: '1',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: DEFAULT_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: DEFAULT_CREDENTIALS.secretAccessKey,
    },
  };
  const path = `test/events/${name}.json`;
  return new Promise((resolve) => {
    const command = [sls, 'invoke', 'local', '-f', name, '--path', path];
    const child = execFile(process.execPath, command, options, (_failed, stdout, stderr) => {
      const output = `${stdout}\n${stderr}`;
      resolve({ exitCode: child.exitCode ?? 1, output, answer: answerIn(stdout), events: eventsIn(output) });
    });
  });
}

/** The event of test/events, for a comparison with another way in. */
export function exampleEvent(name: string): { readonly body: string | null } {
  return JSON.parse(readFileSync(join(ROOT, `test/events/${name}.json`), 'utf8'));
}

/** osls prints an answer over several lines, the first of them `{`. */
function answerIn(stdout: string): Record<string, unknown> {
  const from = /^\{$/mu.exec(stdout)?.index;
  const to = stdout.lastIndexOf('\n}');
  return from === undefined || to < from ? {} : Object(JSON.parse(stdout.slice(from, to + 2)));
}

function eventsIn(output: string): string[] {
  return [...output.matchAll(/^\{"level".+"event":.+$/gmu)].map(([line]) => {
    const { event, code } = Object(JSON.parse(line)) as { event: string; code?: string };
    return code === undefined ? event : `${event} ${code}`;
  });
}
