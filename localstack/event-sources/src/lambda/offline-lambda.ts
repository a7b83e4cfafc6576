// What is used of serverless-offline's Lambda class, which comes without types.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EventSourceError } from '../errors.ts';

export interface OfflineFunction {
  readonly setEvent: (event: unknown) => void;
  readonly runHandler: () => Promise<unknown>;
}

export interface OfflineLambda {
  readonly create: (functions: { functionKey: string; functionDefinition: object }[]) => void;
  readonly get: (functionKey: string) => OfflineFunction;
  readonly cleanup: () => Promise<void>;
}

export type OfflineLambdaClass = new (serverless: object, options: object) => OfflineLambda;

/** Loads the class from the service's own serverless-offline. */
export async function loadOfflineLambda(serviceDir: string): Promise<OfflineLambdaClass> {
  const file = createRequire(join(serviceDir, 'package.json')).resolve('serverless-offline/lambda');
  const module: unknown = await import(pathToFileURL(file).href);
  const found: unknown =
    typeof module === 'object' && module !== null ? Reflect.get(module, 'default') : undefined;
  if (!isLambdaClass(found)) {
    throw new EventSourceError(`expected ${file} to export the class Lambda`, {
      code: 'HANDLER_NOT_FOUND',
      retryable: false,
    });
  }
  return found;
}

function isLambdaClass(value: unknown): value is OfflineLambdaClass {
  return typeof value === 'function' && typeof Reflect.get(value, 'prototype') === 'object';
}
