import type { APIGatewayProxyEvent, Context, MSKEvent, MSKRecord } from 'aws-lambda';
import type { BatchResponse } from '../handlers/kafka-handler.ts';

export const context = { getRemainingTimeInMillis: () => 60_000 } as Context;

export interface RecordFields {
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
  readonly key?: string | null;
  /** Text as it is; anything else as its JSON. */
  readonly value?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function mskRecord({
  topic = 'a-topic',
  partition = 0,
  offset = 0,
  ...rest
}: RecordFields): MSKRecord {
  const { key = 'us-flights', value = {}, headers = {} } = rest;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return {
    topic,
    partition,
    offset,
    timestamp: Date.UTC(2024, 4, 1),
    timestampType: 'CREATE_TIME',
    // AWS leaves the key out where a record has none; the type does not know that.
    ...(key === null ? {} : { key: Buffer.from(key).toString('base64') }),
    value: Buffer.from(text).toString('base64'),
    headers: Object.entries(headers).map(([name, header]) => ({ [name]: [...Buffer.from(header)] })),
  } as MSKRecord;
}

export function mskEvent(...records: readonly MSKRecord[]): MSKEvent {
  const byPartition: MSKEvent['records'] = {};
  for (const record of records) (byPartition[`${record.topic}-${record.partition}`] ??= []).push(record);
  return {
    eventSource: 'aws:kafka',
    eventSourceArn: 'arn:aws:kafka:us-east-1:000000000000:cluster/flts/1',
    bootstrapServers: 'b-1:9092',
    records: byPartition,
  };
}

/** Offsets to deliver again, by partition. */
export function failures({ batchItemFailures }: BatchResponse): Record<string, number> {
  return Object.fromEntries(
    batchItemFailures.map(({ itemIdentifier: { partition, offset } }) => [partition, offset]),
  );
}

export interface HttpFields {
  readonly method?: string;
  readonly resource?: string;
  readonly path?: string;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes travel as base64, text as it is. */
  readonly body?: string | Buffer;
}

/** An event of API Gateway's REST API (payload version 1), as serverless-offline sends it. */
export function httpEvent(fields: HttpFields): APIGatewayProxyEvent {
  const {
    method = 'GET',
    resource = '/',
    path = resource,
    pathParameters,
    query,
    headers = {},
    body,
  } = fields;
  return {
    httpMethod: method,
    resource,
    path,
    pathParameters: pathParameters === undefined ? null : { ...pathParameters },
    queryStringParameters: query === undefined ? null : { ...query },
    multiValueQueryStringParameters: null,
    headers: { ...headers },
    multiValueHeaders: {},
    stageVariables: null,
    requestContext: {} as APIGatewayProxyEvent['requestContext'],
    body: body === undefined ? null : typeof body === 'string' ? body : body.toString('base64'),
    isBase64Encoded: body !== undefined && typeof body !== 'string',
  };
}
