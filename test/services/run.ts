// `npm run test:services`: every suite that can talk to real services, against real ones. `--up`: starts them and stays.
// `--running`: those that run already are used.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { RUNNING, runningServices } from './running.ts';
import { installServices, startServices, stopServices, type Installed, type Services } from './services.ts';

const inCi = !['', '0', 'false', undefined].includes(process.env['CI']);
const asked = process.argv.slice(2);
const running = runningServices(asked);

async function main(): Promise<number> {
  const programs = await installServices(running).catch((cause: Error) => {
    for (const line of cause.message.split('\n')) console.error(`NOT RUN  ${line}`);
  });
  if (programs === undefined) return inCi ? 1 : 0;
  try {
    const startedAt = Date.now();
    const services = await startServices(programs, running);
    console.log(`kafka, minio, postgres, mlflow: up in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    return asked.includes('--up') ? await stay(services) : await runSuites(services, programs);
  } finally {
    await stopServices();
  }
}

/** Prints what to export, and stays until a signal. */
async function stay({ environment }: Services): Promise<number> {
  for (const [name, value] of Object.entries(environment)) console.log(`export ${name}=${value}`);
  return new Promise(() => setInterval(() => {}, 60_000));
}

async function runSuites(services: Services, programs: Installed): Promise<number> {
  const environment = {
    ...services.environment,
    TEST_ON_SERVICES: '1',
    TEST_KAFKA_JARS: programs.kafka,
    TEST_MLFLOW_PYTHON: join(programs.mlflow, 'python'),
  };
  const chosen = asked.filter((argument) => argument !== RUNNING);
  const suites =
    chosen.length > 0
      ? [chosen]
      : [
          ['--project', 'conformance'],
          ['--project', 'pipeline'],
        ];
  let worst = 0;
  for (const suite of suites) worst = Math.max(worst, await vitest(suite, environment));
  if (worst !== 0) console.error(services.logs());
  return worst;
}

function vitest(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<number> {
  const program = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const config = ['--config', 'test/services/vitest.config.ts'];
  const child = spawn(process.execPath, [program, 'run', ...config, ...args], {
    env: { ...process.env, ...environment },
    stdio: 'inherit',
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stopServices().finally(() => process.exit(130)));
}

process.exit(
  await main().catch((cause: unknown) => {
    console.error(cause);
    return 1;
  }),
);
