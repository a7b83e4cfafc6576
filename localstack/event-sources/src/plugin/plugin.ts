// The Serverless plugin: msk, kafka and s3 events for `sls offline`.
import { readServiceMappings, type ServiceMappings } from '../settings/service-mappings.ts';
import { hostNames } from '../../../http/foreign.ts';
import { addMappingProperties } from './deploy.ts';
import { MAPPING_PROPERTIES, S3_PROPERTIES } from './event-schema.ts';
import { guardHttp } from './guard-http.ts';
import { importAsyncHandlers } from './import-handlers.ts';
import { runService, type RunningService } from './running-service.ts';
import { serviceDirOf, type Serverless } from './serverless.ts';

/** List it after serverless-offline, so that HTTP answers before the first event is handled. */
export class EventSourcesPlugin {
  readonly hooks: Readonly<Record<string, () => Promise<void>>>;
  readonly #serverless: Serverless;
  readonly #cliOptions: Readonly<Record<string, unknown>>;
  #mappings: ServiceMappings | undefined;
  #running: RunningService | undefined;

  constructor(serverless: Serverless, cliOptions: Readonly<Record<string, unknown>>) {
    this.#serverless = serverless;
    this.#cliOptions = cliOptions;
    const { configSchemaHandler } = serverless;
    for (const event of ['msk', 'kafka']) {
      configSchemaHandler.defineFunctionEventProperties('aws', event, { properties: MAPPING_PROPERTIES });
    }
    configSchemaHandler.defineFunctionEventProperties('aws', 's3', { properties: S3_PROPERTIES });
    this.hooks = {
      // `sls offline` runs serverless-offline's one-step form, which other plugins cannot follow.
      'before:offline:start': () => serverless.pluginManager.spawn('offline:start'),
      'before:offline:start:init': () => this.#check(),
      'offline:start:init': () => this.#start(),
      'offline:functionsUpdated:cleanup': async () => this.#running?.recycle(),
      'before:offline:start:end': async () => this.#running?.stop(),
      'before:invoke:local:invoke': () => Promise.resolve(importAsyncHandlers()),
      // Lambda freezes an instance with its answer; a client that a handler keeps open would hold this process.
      'after:invoke:local:invoke': () => Promise.resolve(void setImmediate(() => process.exit())),
      'after:package:compileEvents': () => Promise.resolve(addMappingProperties(serverless)),
    };
  }

  /** @throws EventSourceError EVENT_SOURCE_SETTING_INVALID, HTTP_GUARD_FAILED before anything listens. */
  async #check(): Promise<void> {
    const { service } = this.#serverless;
    const functions = service.getAllFunctions().map((key) => [key, service.getFunction(key)] as const);
    this.#mappings = readServiceMappings({
      custom: service.custom?.['eventSources'],
      functions: Object.fromEntries(functions),
      environment: process.env,
    });
    const { allowedHosts } = this.#mappings.custom.http;
    const names = [...allowedHosts, ...hostNames(process.env['ALLOWED_HOSTS'])];
    await guardHttp(serviceDirOf(this.#serverless), names);
  }

  async #start(): Promise<void> {
    if (this.#mappings === undefined) return;
    this.#running = await runService(this.#serverless, this.#mappings, this.#offlineOptions());
  }

  #offlineOptions(): Record<string, unknown> {
    const custom = this.#serverless.service.custom?.['serverless-offline'];
    const isObject = typeof custom === 'object' && custom !== null;
    return { ...(isObject ? custom : {}), ...this.#cliOptions };
  }
}
