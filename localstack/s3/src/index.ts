export { type Credentials, DEFAULT_CREDENTIALS } from './credentials.ts';
export { S3ServerError, type S3ServerErrorCode } from './errors.ts';
export type { Log, LogEntry } from './log.ts';
export type { EventName } from './notifications/configuration.ts';
export type { NotificationBody, S3EventRecord } from './notifications/event-record.ts';
export {
  DEFAULT_KAFKA_ARN,
  kafkaTarget,
  type KafkaTargetOptions,
  type NotificationProducer,
} from './notifications/kafka-target.ts';
export type { NotificationMessage, NotificationTarget } from './notifications/target.ts';
export { type S3Options, type S3Server, startS3 } from './server.ts';
