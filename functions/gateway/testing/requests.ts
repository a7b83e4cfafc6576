import type { APIGatewayProxyResult } from 'aws-lambda';
import { httpHandler } from '../../shared/handlers/http-handler.ts';
import { context, httpEvent, type HttpFields } from '../../shared/testing/events.ts';
import type { AccessSettings } from '../../shared/settings/settings.ts';
import { OPEN_ACCESS } from '../../shared/testing/access.ts';
import { createMemoryServices } from '../../shared/testing/memory-services.ts';
import { gateway } from '../gateway.ts';

export interface Answer {
  readonly status: number;
  readonly headers: NonNullable<APIGatewayProxyResult['headers']>;
  readonly bytes: Buffer;
  /** The body as JSON. */
  readonly json: () => Record<string, unknown>;
}

/** The gateway over services in memory, asked as its HTTP layer asks it. */
/** Uploads and reads are open, as on a laptop, unless `access` says otherwise. */
export function createGateway(access: Partial<AccessSettings> = {}) {
  const world = createMemoryServices();
  const handler = httpHandler(
    (request) => gateway(request, { services: world.services, access: { ...OPEN_ACCESS, ...access } }),
    () => world.log,
  );
  async function ask(fields: HttpFields): Promise<Answer> {
    const answer = await handler(httpEvent(fields), context);
    const bytes = Buffer.from(answer.body, answer.isBase64Encoded ? 'base64' : 'utf8');
    const json = (): Record<string, unknown> => JSON.parse(bytes.toString());
    return { status: answer.statusCode, headers: answer.headers ?? {}, bytes, json };
  }
  const object = (resource: string, bucket: string, key: string): HttpFields => ({
    resource: `/${resource}/{bucket}/{key+}`,
    path: `/${resource}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
    pathParameters: { bucket, key },
  });
  return {
    ...world,
    ask,
    object,
    upload: (bucket: string, key: string, fields: HttpFields = {}) =>
      ask({ method: 'POST', ...object('upload', bucket, key), ...fields }),
    download: (bucket: string, key: string, headers: Readonly<Record<string, string>> = {}) =>
      ask({ ...object('download', bucket, key), headers }),
    stored: async (bucket: string, key: string): Promise<string | undefined> => {
      const found = await world.storage.get(bucket, key);
      return found === undefined ? undefined : Buffer.from(found.body).toString();
    },
  };
}

export interface FormPart {
  readonly name: string;
  readonly content: string | Buffer;
  readonly filename?: string;
  readonly type?: string;
}

/** Headers and body of a multipart form, as curl sends it. */
export function multipart(...parts: readonly FormPart[]): Pick<HttpFields, 'headers' | 'body'> {
  const boundary = '------------------------d74496d66958873e';
  const chunks = parts.flatMap(({ name, content, filename, type }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`;
    const kind = type === undefined ? '' : `\r\nContent-Type: ${type}`;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}${kind}\r\n\r\n`;
    return [Buffer.from(head), Buffer.from(content), Buffer.from('\r\n')];
  });
  return {
    headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  };
}
