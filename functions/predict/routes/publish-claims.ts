import type { z } from 'zod';
import { handOn } from '../../shared/claims.ts';
import { datasetMeta } from '../../shared/dataset/meta.ts';
import { DataError, FltsError } from '../../shared/errors.ts';
import type { HttpRequest, HttpResponse } from '../../shared/handlers/http-handler.ts';
import { contentHash } from '../../shared/hash.ts';
import { testKey } from '../../shared/keys.ts';
import type { OutgoingRecord } from '../../shared/messages/publisher.ts';
import type { InferenceClaim } from '../../shared/messages/schema.ts';
import { BUCKETS, GLOBAL_IDENTIFIER, TOPICS } from '../../shared/topics.ts';
import type { Instance } from '../instance.ts';
import { parsedBody, publishBody } from '../schema.ts';
import { servedModel } from '../served-model.ts';

/** Claims a batch: about 400 kB, below the 1 MiB that a broker takes. */
const BATCH = 500;
/** What is left of an invocation for the last batch and the answer. */
const ANSWER_MS = 3000;

/** A claim but for what tells one from the next. */
type ClaimTemplate = Omit<InferenceClaim, 'v' | 'claim_id' | 'produced_at'>;

/**
 * POST /publish_inference_claims: `count` claims on one object, for load tests. Where the invocation's time does not
 * suffice, the answer is PARTIAL and says how many there are. @throws FltsError forbidden (403) unless ENABLE_PUBLISH_API=1
 */
export async function publishClaims(request: HttpRequest, instance: Instance): Promise<HttpResponse> {
  const { settings, services } = instance;
  if (!settings.ENABLE_PUBLISH_API)
    throw new FltsError('forbidden', 'expected ENABLE_PUBLISH_API=1 for this route, got it off', {
      status: 403,
    });
  const asked = parsedBody(publishBody, request);
  const template = await claimTemplate(asked, request, instance);
  let published = 0;
  while (published < asked.count && request.remainingMs() > ANSWER_MS) {
    const size = Math.min(BATCH, asked.count - published);
    const records = Array.from({ length: size }, (_, index) =>
      claimRecord(template, { asked, request, number: published + index, now: services.now() }),
    );
    await services.publisher.send(TOPICS.inferenceData, records);
    published += size;
  }
  const status = published === asked.count ? 'SUCCESS' : 'PARTIAL';
  return { status: 200, body: { status, published, topic: TOPICS.inferenceData } };
}

type Asked = z.infer<typeof publishBody>;

/**
 * By default the served dataset's test rows.
 * @throws DataError object_not_found, bucket_unknown; FltsError storage_unavailable, message_invalid
 */
async function claimTemplate(asked: Asked, request: HttpRequest, instance: Instance): Promise<ClaimTemplate> {
  const { services, settings } = instance;
  const bucket = asked.bucket ?? BUCKETS.processed;
  const buckets: readonly string[] = Object.values(BUCKETS);
  if (!buckets.includes(bucket))
    throw new DataError('bucket_unknown', `expected a bucket among ${buckets.join(', ')}, got ${bucket}`);
  const object =
    asked.object_key ?? (await servedTestObject(asked.identifier ?? settings.IDENTIFIER, request, instance));
  const info = await services.storage.head(bucket, object);
  if (info === undefined)
    throw new DataError('object_not_found', `expected an object at ${bucket}/${object}, got none`);
  const folder = object.split('/').slice(0, -1).join('/');
  const meta = await services.storage.getJson(bucket, `${folder}/meta.json`, datasetMeta);
  return {
    identifier: asked.identifier ?? meta?.value.identifier ?? GLOBAL_IDENTIFIER,
    config_hash: meta?.value.config_hash ?? 'unprocessed',
    claimed_at: new Date(services.now()).toISOString(),
    bucket,
    object,
    object_key: object,
    size: info.size,
    operation: 'forecast',
  };
}

async function servedTestObject(
  identifier: string,
  request: HttpRequest,
  instance: Instance,
): Promise<string> {
  const { pointer } = await servedModel(identifier, request, instance);
  return testKey(pointer.identifier, pointer.config_hash);
}

interface NumberedClaim {
  readonly asked: Asked;
  readonly request: Pick<HttpRequest, 'requestId'>;
  readonly number: number;
  readonly now: number;
}

function claimRecord(
  template: ClaimTemplate,
  { asked, request, number, now }: NumberedClaim,
): OutgoingRecord {
  const { requestId } = request;
  const { identifier, claimed_at } = template;
  const claim_id = contentHash({ req_id: requestId, number, claimed_at });
  const message = {
    ...template,
    ...handOn({ ...template, claim_id }, now),
    // Thousands of reports would say nothing that a reader of /status wants to know.
    report_status: false,
  };
  return {
    key: asked.key_prefix ? `${asked.key_prefix}${number}` : identifier,
    value: JSON.stringify(message),
    headers: {
      correlation_id: claim_id,
      ...(asked.ttl_ms ? { deadline_ms: String(now + asked.ttl_ms) } : {}),
    },
  };
}
