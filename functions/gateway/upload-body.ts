import busboy from 'busboy';
import { FltsError } from '../shared/errors.ts';
import type { HttpRequest } from '../shared/handlers/http-handler.ts';
import { typeOfKey } from './content-type.ts';

export interface UploadBody {
  readonly bytes: Buffer;
  readonly contentType: string;
}

/** Types that clients and the HTTP layer send without anyone having said so. */
const UNTOLD = ['', 'application/octet-stream', 'application/x-www-form-urlencoded', 'application/json'];

/** The bytes to store: a raw body as it is, of a multipart form the file in its field `file`. @throws FltsError request_invalid (400) */
export async function uploadBody(request: HttpRequest, key: string): Promise<UploadBody> {
  const header = request.headers['content-type'] ?? '';
  const isForm = /^multipart\/form-data\b/iu.test(header);
  const { bytes, type } = isForm ? await fileField(request, header) : rawBody(request, header);
  const told = UNTOLD.includes(type.split(';')[0]?.trim().toLowerCase() ?? '') ? undefined : type;
  return { bytes, contentType: told ?? typeOfKey(key) };
}

interface TypedBytes {
  readonly bytes: Buffer;
  readonly type: string;
}

/**
 * The HTTP layer reads other types than octet-stream as UTF-8 text: bytes that are none arrive as U+FFFD, and are
 * refused rather than stored damaged.
 */
function rawBody({ body, headers }: HttpRequest, type: string): TypedBytes {
  const isBinary = /^application\/octet-stream\b/iu.test(type);
  const arrivedWhole =
    headers['content-length'] === String(body.length) && headers['transfer-encoding'] === undefined;
  if (isBinary || arrivedWhole || !body.includes('\uFFFD')) return { bytes: body, type };
  throw new FltsError(
    'request_invalid',
    `expected bytes as application/octet-stream or multipart/form-data, got ${type || 'no type'}, as which they do not arrive whole`,
    { status: 400 },
  );
}

function fileField({ body }: HttpRequest, header: string): Promise<TypedBytes> {
  return new Promise((resolve, reject) => {
    const others: string[] = [];
    let file: Promise<TypedBytes> | undefined;
    const refuse = (got: string, cause?: unknown): void =>
      reject(
        new FltsError(
          'request_invalid',
          `expected a multipart form with a file in its field "file", got ${got}`,
          {
            cause,
            status: 400,
          },
        ),
      );
    try {
      const form = busboy({ headers: { 'content-type': header }, defParamCharset: 'utf8' });
      form.on('file', (name, stream, { mimeType }) => {
        if (name === 'file' && file === undefined) file = collect(stream, mimeType);
        else {
          others.push(name);
          stream.resume();
        }
      });
      form.on('field', (name) => others.push(name));
      form.on('error', (cause) => refuse('a body that is none', cause));
      form.on('close', () => {
        if (file === undefined)
          refuse(others.length === 0 ? 'no field' : `the field(s) ${others.join(', ')}`);
        else file.then(resolve, reject);
      });
      form.end(body);
    } catch (cause) {
      refuse(header, cause);
    }
  });
}

async function collect(stream: AsyncIterable<Buffer>, type: string): Promise<TypedBytes> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), type };
}
