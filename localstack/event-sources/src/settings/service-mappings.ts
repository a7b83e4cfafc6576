// The event sources that a service declares, read and checked before anything starts.
import { EventSourceError } from '../errors.ts';
import type { FunctionDefinition } from '../lambda/create-pool.ts';
import type { S3Rule } from '../s3/filter.ts';
import { parseSettings } from './parse.ts';
import {
  customSchema,
  mskEventSchema,
  s3EventSchema,
  type CustomSettings,
  type MskEvent,
  type S3Event,
} from './schema.ts';

/** A function of serverless.yml as Serverless hands it out. */
export interface ServiceFunction extends FunctionDefinition {
  readonly events?: readonly unknown[] | undefined;
}

export interface FunctionMappings {
  readonly functionKey: string;
  readonly definition: ServiceFunction;
  readonly msk: readonly MskEvent[];
  readonly rules: readonly S3Rule[];
}

export interface ServiceMappings {
  readonly custom: CustomSettings;
  /** Of functions with at least one enabled event source. */
  readonly functions: readonly FunctionMappings[];
  readonly bootstrapServers: string;
  /** Undefined: as the SDK finds it. */
  readonly s3Endpoint: string | undefined;
}

export interface ServiceDescription {
  readonly custom: unknown;
  readonly functions: Readonly<Record<string, ServiceFunction>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** @throws EventSourceError EVENT_SOURCE_SETTING_INVALID naming function, event and key. */
export function readServiceMappings({ custom, functions, environment }: ServiceDescription): ServiceMappings {
  const settings = parseSettings<CustomSettings>(customSchema, custom ?? {}, 'custom.eventSources');
  const read = Object.entries(functions)
    .map(([functionKey, definition]) => readFunction(functionKey, definition, settings))
    .filter(({ msk, rules }) => msk.length > 0 || rules.length > 0);
  const bootstrapServers = settings.kafka.bootstrapServers ?? environment['KAFKA_BOOTSTRAP_SERVERS'] ?? '';
  if (read.length > 0 && bootstrapServers === '') {
    throw missing('custom.eventSources.kafka.bootstrapServers or KAFKA_BOOTSTRAP_SERVERS as host:port');
  }
  const s3Endpoint =
    settings.s3.endpoint ?? environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL'];
  if (s3Endpoint === undefined && read.some(({ rules }) => rules.length > 0)) {
    throw missing('custom.eventSources.s3.endpoint or AWS_ENDPOINT_URL_S3 as a URL, for the s3 events');
  }
  return { custom: settings, functions: read, bootstrapServers, s3Endpoint };
}

function readFunction(
  functionKey: string,
  definition: ServiceFunction,
  custom: CustomSettings,
): FunctionMappings {
  const events = (definition.events ?? []).map((event, index) => ({ event, index }));
  const declared = (kind: string) =>
    events.flatMap(({ event, index }) => {
      const value: unknown =
        typeof event === 'object' && event !== null ? Reflect.get(event, kind) : undefined;
      return value === undefined
        ? []
        : [{ value, place: `function "${functionKey}", event ${index + 1} (${kind})` }];
    });
  const msk = declared('msk').map(({ value, place }) =>
    parseSettings<MskEvent>(mskEventSchema, value, place),
  );
  const s3 = declared('s3').map(({ value, place }) => toRule(value, place, custom));
  return { functionKey, definition, msk: msk.filter(({ enabled }) => enabled), rules: s3 };
}

function toRule(value: unknown, place: string, custom: CustomSettings): S3Rule {
  const { bucket, event, rules, destinations } = parseSettings<S3Event>(s3EventSchema, value, place);
  return {
    bucket,
    event,
    prefix: rules.map((rule) => ('prefix' in rule ? rule.prefix : '')).join(''),
    suffix: rules.map((rule) => ('suffix' in rule ? rule.suffix : '')).join(''),
    onFailureTopic: destinations?.onFailure ?? custom.s3.onFailure,
  };
}

function missing(expected: string): EventSourceError {
  return new EventSourceError(`expected ${expected}, got nothing`, {
    name: 'EventSourceSettingError',
    code: 'EVENT_SOURCE_SETTING_INVALID',
    retryable: false,
  });
}
