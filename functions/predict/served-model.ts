import { describeError, FltsError } from '../shared/errors.ts';
import { newestUpload } from '../shared/dataset/newest-upload.ts';
import type { HttpRequest } from '../shared/handlers/http-handler.ts';
import type { ServedModel } from '../shared/serving/serving-models.ts';
import { newestClaimKey } from '../shared/status.ts';
import { BUCKETS, GLOBAL_IDENTIFIER } from '../shared/topics.ts';
import type { Instance } from './instance.ts';

/** Seconds after which another attempt is worth while. */
const RETRY_S = 5;
/** Between two looks at the pointer while a request waits for a model. */
const POLL_MS = 250;
/** What is left of an invocation for the forecast and the answer. */
const FORECAST_MS = 2000;

type Needs = Pick<Instance, 'models' | 'services' | 'settings' | 'pause'>;

/**
 * The model in force for an identifier; with WAIT_FOR_MODEL=1 waits for one up to MODEL_WAIT_TIMEOUT.
 * @throws FltsError identifier_unknown (404: no upload of it was ever seen), model_not_ready (503),
 * model_load_failed (503)
 */
export async function servedModel(
  identifier: string,
  request: Pick<HttpRequest, 'remainingMs'>,
  instance: Needs,
): Promise<ServedModel> {
  const served = (await current(identifier, instance)) ?? (await awaited(identifier, request, instance));
  if (served !== undefined) return served;
  throw notReady(identifier);
}

async function awaited(
  identifier: string,
  { remainingMs }: Pick<HttpRequest, 'remainingMs'>,
  instance: Needs,
): Promise<ServedModel | undefined> {
  const { services, settings, pause } = instance;
  await refuseUnknown(identifier, instance);
  if (!settings.WAIT_FOR_MODEL) return undefined;
  const until =
    services.now() + Math.min(settings.MODEL_WAIT_TIMEOUT * 1000, Math.max(0, remainingMs() - FORECAST_MS));
  while (services.now() < until) {
    await pause(Math.min(POLL_MS, until - services.now()));
    const served = await current(identifier, instance);
    if (served !== undefined) return served;
  }
  return undefined;
}

async function refuseUnknown(identifier: string, { services }: Needs): Promise<void> {
  if (identifier === GLOBAL_IDENTIFIER) return;
  // An upload that preprocess has not seen yet is no unknown one.
  const { storage } = services;
  if ((await storage.head(BUCKETS.processed, newestClaimKey(identifier))) !== undefined) return;
  if ((await newestUpload(storage, { identifier, kind: 'train' })) !== undefined) return;
  throw new FltsError(
    'identifier_unknown',
    `expected an identifier with an upload, got ${JSON.stringify(identifier)}: there is no dataset/${identifier}.csv (or .jsonl, .parquet), nor was there one`,
    { status: 404 },
  );
}

async function current(identifier: string, { models }: Needs): Promise<ServedModel | undefined> {
  try {
    return await models.current(identifier);
  } catch (cause) {
    throw loadError(identifier, cause);
  }
}

/** What a client reads where nothing is promoted. */
export function notReady(identifier: string): FltsError {
  const whose = identifier === GLOBAL_IDENTIFIER ? '' : ` of ${identifier}`;
  const path = identifier === GLOBAL_IDENTIFIER ? '{identifier}' : encodeURIComponent(identifier);
  return new FltsError(
    'model_not_ready',
    `expected a promoted model${whose}, got none yet; GET /status/${path} tells how far an upload has come`,
    { status: 503, retryAfterS: RETRY_S, retryable: true },
  );
}

/** What a client reads where no model could be loaded and none is in hand. */
export function loadError(identifier: string, cause: unknown): FltsError {
  const { code, message } = describeError(cause);
  return new FltsError(
    'model_load_failed',
    `expected the promoted model of ${identifier}, got ${code}: ${message}`,
    { cause, status: 503, retryAfterS: RETRY_S, retryable: true },
  );
}
