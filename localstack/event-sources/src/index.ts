// The MSK event source mapping and S3 notifications: a Serverless plugin, and the engine under it as a library.
export { EventSourcesPlugin, EventSourcesPlugin as default } from './plugin/plugin.ts';
export { startMapping, type Mapping, type MappingOptions } from './msk/mapping.ts';
export type { Invoke } from './msk/partition-work.ts';
export { toMskEvent, type MskEventRecord, type MskInvokeEvent } from './msk/event.ts';
export { startS3Mapping, type S3MappingOptions } from './s3/mapping.ts';
export { S3_EVENTS, type S3Rule } from './s3/filter.ts';
export { toS3EventRecord, type S3EventRecord } from './s3/event.ts';
export { EventSourceError, FunctionError, type EventSourceErrorCode } from './errors.ts';
export { createLog, silentLog, type Log, type LogFields, type LogLevel } from './log.ts';
export type { BackoffSettings } from './backoff.ts';
