// Recorded answers of a tracking server: their shape, how one is sent again, and what of an answer is compared.
import { request } from 'node:http';

export interface Recording {
  readonly name: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly query: readonly (readonly [string, string])[] | null;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly bodyText?: string;
    readonly bodyBase64?: string;
  };
  readonly response: {
    readonly status: number;
    readonly body?: unknown;
    readonly bodyText?: string;
    readonly bodyBase64?: string;
  };
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly bytes: Buffer;
}

/** An experiment's id at the beginning of a path. */
const FIRST_FOLDER = /^(mlflow-artifacts:\/|)(\d+)(?=\/|$)/u;
const EXPERIMENT = /^experiment_ids?$/u;

/** Recorded ids, names and so on, and what stands for them here. */
export class Names {
  readonly #here = new Map<string, string>();

  bind(recorded: string, here: string): void {
    this.#here.set(recorded, here);
  }

  here(recorded: string): string {
    return this.#here.get(recorded) ?? recorded;
  }

  /** Experiments' ids are short, and replaced in their own fields and in paths alone; the rest is unique anywhere. */
  toHere(value: unknown, field = ''): unknown {
    if (typeof value === 'string')
      return EXPERIMENT.test(field) ? this.here(value) : this.#replaceLong(value);
    if (Array.isArray(value)) return value.map((item) => this.toHere(item, field));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.toHere(item, key)]));
  }

  pathToHere(path: string): string {
    return path
      .split('/')
      .map((segment) => this.here(segment))
      .join('/');
  }

  /** The way back, of an answer: of JSON field by field, of other text what is unique anywhere. */
  toRecorded(value: unknown, field = ''): unknown {
    if (typeof value === 'string') return this.#textToRecorded(value, field);
    if (Array.isArray(value)) return value.map((item) => this.toRecorded(item, field));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.toRecorded(item, key)]));
  }

  #textToRecorded(text: string, field: string): string {
    const pairs = [...this.#here];
    const recorded = new Map(pairs.map(([name, here]) => [here, name]));
    if (EXPERIMENT.test(field)) return recorded.get(text) ?? text;
    const long = pairs.filter(([name, here]) => name.length > 8 && here.length > 8);
    const replaced = long.reduce((now, [name, here]) => now.replaceAll(here, name), text);
    return replaced.replace(FIRST_FOLDER, (whole, scheme: string, id: string) =>
      scheme === '' && field !== 'path' && whole === text ? whole : `${scheme}${recorded.get(id) ?? id}`,
    );
  }

  #replaceLong(text: string): string {
    const long = [...this.#here].filter(([recorded]) => recorded.length > 8);
    const replaced = long.reduce((now, [recorded, here]) => now.replaceAll(recorded, here), text);
    return /^\d+\//u.test(replaced) ? this.pathToHere(replaced) : replaced;
  }
}

/** Sends a recorded request as it is: fetch would tidy `..` out of its path. A connection each: MLflow closes some. */
export function replay(uri: string, recording: Recording, names: Names): Promise<Answer> {
  const { method, path, query, headers } = recording.request;
  const fields = (query ?? []).map(([key, value]): [string, string] => [
    key,
    String(names.toHere(value, key)),
  ]);
  const search = fields.length > 0 ? `?${new URLSearchParams(fields)}` : '';
  const body = bodyOf(recording, names);
  return new Promise((resolve, reject) => {
    const target = { method, path: names.pathToHere(path) + search, headers, agent: false };
    const sent = request(uri, target, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          bytes: Buffer.concat(chunks),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function bodyOf({ request: { body, bodyText, bodyBase64 } }: Recording, names: Names): Buffer | undefined {
  if (bodyBase64 !== undefined) return Buffer.from(bodyBase64, 'base64');
  if (bodyText !== undefined) return Buffer.from(String(names.toHere(bodyText)));
  return body === undefined || body === null ? undefined : Buffer.from(JSON.stringify(names.toHere(body)));
}

/** What is compared: status, and of JSON errors what a client branches on, of other JSON all but the clock's. */
export function comparable(status: number, body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return { status, body };
  if ('error_code' in body) {
    const { message: _, ...told } = { message: '', ...body };
    return { status, body: told };
  }
  if ('detail' in body) return { status, body: Object.keys(body) };
  return { status, body: steady(body) };
}

export function recordedAnswer({ response }: Recording): unknown {
  const { status, body, bodyText, bodyBase64 } = response;
  // The pages and sentences of other errors are the server's own.
  if (body === undefined && status >= 400) return { status };
  return comparable(status, body ?? bodyBase64 ?? bodyText);
}

export function answerHere({ response }: Recording, answer: Answer, names: Names): unknown {
  const { status, type, bytes } = answer;
  if (response.body === undefined && response.status >= 400) return { status };
  if (response.bodyBase64 !== undefined) return { status, body: bytes.toString('base64') };
  const text = bytes.toString('utf8');
  const body: unknown = type.startsWith('application/json') ? JSON.parse(text) : text;
  return comparable(status, names.toRecorded(body));
}

export const CLOCK: ReadonlySet<string> = new Set(['creation_time', 'last_update_time']);
const UNORDERED = new Set(['metrics', 'params', 'tags']);

/** Without the clock's fields; the metrics, parameters and tags of a run in the order of their keys. */
function steady(value: unknown, field = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => steady(item));
    return UNORDERED.has(field) && !items.some(isPointOfMany(items)) ? items.toSorted(byKey) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !CLOCK.has(key))
      .map(([key, item]) => [key, steady(item, key)]),
  );
}

/** A history repeats one key, and its order is part of the answer. */
function isPointOfMany(items: readonly unknown[]): (item: unknown) => boolean {
  return (item) => items.some((other) => other !== item && keyOf(other) === keyOf(item));
}

function byKey(a: unknown, b: unknown): number {
  return keyOf(a) < keyOf(b) ? -1 : 1;
}

function keyOf(item: unknown): string {
  return typeof item === 'object' && item !== null && 'key' in item ? String(item.key) : '';
}
