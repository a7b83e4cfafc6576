import { z } from 'zod';
import { FltsError } from '../shared/errors.ts';
import { jsonBody, type HttpRequest } from '../shared/handlers/http-handler.ts';

/** Steps that one request may ask for. */
export const MOST_STEPS = 10_000;
/** What fits into an object's key beside a name of ours. */
const identifier = z.string().min(1).max(900).nullish();
/** Cells are looked at one by one later, so that an error can name the row. */
const columns = z.record(z.string(), z.array(z.unknown())).nullish();
const steps = z.number().int().min(1).max(MOST_STEPS);

export const predictBody = z.strictObject({
  identifier,
  index_col: z.string().min(1).nullish(),
  data: columns,
  future: columns,
  inference_length: steps.nullish(),
});
export const predictQuery = z.object({ inference_length: z.coerce.number().pipe(steps).optional() });
export const reloadBody = z.strictObject({ identifier });
export const publishBody = z.strictObject({
  bucket: z.string().min(1).nullish(),
  object_key: z.string().min(1).max(1024).nullish(),
  count: z.number().int().min(1).max(500_000),
  /** Past it a claim is dropped unread. */
  ttl_ms: z.number().int().min(1).nullish(),
  /** Of the records' keys, so that the claims spread over partitions. */
  key_prefix: z.string().max(200).nullish(),
  identifier,
});

/** The request's JSON body in the shape of `schema`. @throws FltsError request_invalid (400), naming each key at fault */
export function parsedBody<Schema extends z.ZodType>(schema: Schema, request: HttpRequest): z.infer<Schema> {
  return parsed(schema, jsonBody(request), 'body');
}

/** The same of a query string. */
export function parsedQuery<Schema extends z.ZodType>(schema: Schema, request: HttpRequest): z.infer<Schema> {
  return parsed(schema, request.query, 'query');
}

function parsed<Schema extends z.ZodType>(
  schema: Schema,
  value: Readonly<Record<string, unknown>>,
  place: string,
): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys')
      return `${place}: unknown ${issue.keys.join(', ')}${known(schema)}`;
    const [key = ''] = issue.path;
    return `${place} ${issue.path.join('.') || 'as a whole'}: ${issue.message}${got(value[String(key)])}`;
  });
  throw new FltsError('request_invalid', problems.join('; '), { status: 400 });
}

function known(schema: z.ZodType): string {
  return schema instanceof z.ZodObject ? `; known are ${Object.keys(schema.shape).join(', ')}` : '';
}

function got(value: unknown): string {
  const json = JSON.stringify(value);
  return json === undefined || json.length > 80 ? '' : `, got ${json}`;
}
