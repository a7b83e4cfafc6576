// Makes the pool of a function of the service, with the shim in place of its handler.
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '../log.ts';
import { describeError } from '../errors.ts';
import { FunctionPool } from './function-pool.ts';
import { HANDLER_VARIABLE } from './handler-variable.ts';
import type { OfflineLambdaClass } from './offline-lambda.ts';
import { WorkerSlot } from './worker-slot.ts';

/** What is read of a function in serverless.yml. */
export interface FunctionDefinition {
  readonly name: string;
  readonly handler: string;
  /** Seconds. */
  readonly timeout?: number | undefined;
  readonly reservedConcurrency?: number | undefined;
  readonly environment?: Readonly<Record<string, unknown>> | undefined;
}

export interface PoolOptions {
  readonly Lambda: OfflineLambdaClass;
  /** The Serverless instance, handed on to serverless-offline. */
  readonly serverless: object;
  readonly serviceDir: string;
  /** serverless-offline's options, from the service and the command line. */
  readonly offlineOptions: Readonly<Record<string, unknown>>;
  readonly functionKey: string;
  readonly definition: FunctionDefinition;
  /** Seconds, of the provider. */
  readonly defaultTimeout?: number | undefined;
  readonly log: Log;
}

/** Lambda's own default is 3 s; Serverless deploys with 6. */
const DEFAULT_TIMEOUT_S = 6;
const DEFAULT_IDLE_S = 60;

export function createFunctionPool(options: PoolOptions): FunctionPool {
  const { functionKey, definition, serverless, offlineOptions, log } = options;
  const timeout = definition.timeout ?? options.defaultTimeout ?? DEFAULT_TIMEOUT_S;
  const functionDefinition = { ...shimmedDefinition(options), timeout };
  const lambdaOptions = {
    ...offlineOptions,
    host: '127.0.0.1',
    lambdaPort: 0,
    useInProcess: false,
    useDocker: false,
    reloadHandler: false,
    // Each slot keeps the time itself: serverless-offline leaves a timer behind for every invoke.
    noTimeout: true,
  };
  const idleSeconds = offlineOptions['terminateIdleLambdaTime'];
  return new FunctionPool({
    createSlot() {
      const lambda = new options.Lambda(serverless, lambdaOptions);
      lambda.create([{ functionKey, functionDefinition }]);
      return new WorkerSlot(functionKey, timeout * 1000, lambda);
    },
    reservedConcurrency: definition.reservedConcurrency,
    idleMs: (typeof idleSeconds === 'number' ? idleSeconds : DEFAULT_IDLE_S) * 1000,
    onError: (error) =>
      log.warn({ event: 'worker_not_ended', function: functionKey, error: describeError(error) }),
  });
}

function shimmedDefinition({ definition, serviceDir, offlineOptions }: PoolOptions): object {
  const { location } = offlineOptions;
  const codeDir = resolve(serviceDir, typeof location === 'string' ? location : '');
  return {
    ...definition,
    handler: `${relative(codeDir, shimPath())}.handler`,
    environment: { ...definition.environment, [HANDLER_VARIABLE]: resolve(codeDir, definition.handler) },
  };
}

/** Without its extension: built beside this module's bundle. */
function shimPath(): string {
  return fileURLToPath(new URL('shim', import.meta.url));
}
