// The event sources that a service declares, read and checked before anything starts.
import { EventSourceError } from '../errors.ts';
import type { FunctionDefinition } from '../lambda/create-pool.ts';
import type { S3Rule } from '../s3/filter.ts';
import { MAPPING_EVENTS, type MappingEvent } from './mapping-event.ts';
import { parseSettings } from './parse.ts';
import { customSchema, s3EventSchema, type CustomSettings, type S3Event } from './schema.ts';

/** A function of serverless.yml as Serverless hands it out. */
export interface ServiceFunction extends FunctionDefinition {
  readonly events?: readonly unknown[] | undefined;
}

export interface FunctionMappings {
  readonly functionKey: string;
  readonly definition: ServiceFunction;
  /** The enabled `msk` and `kafka` events. */
  readonly kafka: readonly MappingEvent[];
  readonly rules: readonly S3Rule[];
}

export interface ServiceMappings {
  readonly custom: CustomSettings;
  /** Of functions with at least one enabled event source. */
  readonly functions: readonly FunctionMappings[];
  /** Undefined where only `kafka` events are served, which name their own. */
  readonly bootstrapServers: string | undefined;
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
    .filter(({ kafka, rules }) => kafka.length > 0 || rules.length > 0);
  const bootstrapServers = settings.kafka.bootstrapServers ?? setText(environment['KAFKA_BOOTSTRAP_SERVERS']);
  if (bootstrapServers === undefined && read.some(needsCluster)) {
    throw missing('custom.eventSources.kafka.bootstrapServers or KAFKA_BOOTSTRAP_SERVERS as host:port');
  }
  const s3Endpoint =
    settings.s3.endpoint ?? environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL'];
  if (s3Endpoint === undefined && read.some(needsS3)) {
    throw missing(
      'custom.eventSources.s3.endpoint or AWS_ENDPOINT_URL_S3 as a URL, for s3 events and on-failure buckets',
    );
  }
  return { custom: settings, functions: read, bootstrapServers, s3Endpoint };
}

function needsCluster({ kafka, rules }: FunctionMappings): boolean {
  return rules.length > 0 || kafka.some(({ source }) => source.kind === 'msk');
}

function needsS3({ kafka, rules }: FunctionMappings): boolean {
  return rules.length > 0 || kafka.some(({ onFailure }) => onFailure?.startsWith('arn:') === true);
}

function setText(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function readFunction(
  functionKey: string,
  definition: ServiceFunction,
  custom: CustomSettings,
): FunctionMappings {
  const events = definition.events ?? [];
  const kafka = readMappingEvents(functionKey, events).filter(({ enabled }) => enabled);
  const rules = declared(functionKey, events, 's3').map(({ value, place }) => toRule(value, place, custom));
  return { functionKey, definition, kafka, rules };
}

/**
 * The `msk` and `kafka` events of a function, disabled ones as well, in order.
 * @throws EventSourceError EVENT_SOURCE_SETTING_INVALID naming function, event and key.
 */
export function readMappingEvents(functionKey: string, events: readonly unknown[]): MappingEvent[] {
  return (['msk', 'kafka'] as const).flatMap((kind) =>
    declared(functionKey, events, kind).map(({ value, place }) =>
      parseSettings<MappingEvent>(MAPPING_EVENTS[kind], value, place),
    ),
  );
}

interface Declared {
  readonly value: unknown;
  readonly place: string;
}

function declared(functionKey: string, events: readonly unknown[], kind: string): Declared[] {
  return events.flatMap((event, index) => {
    const value: unknown = typeof event === 'object' && event !== null ? Reflect.get(event, kind) : undefined;
    const place = `function "${functionKey}", event ${index + 1} (${kind})`;
    return value === undefined ? [] : [{ value, place }];
  });
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
