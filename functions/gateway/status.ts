import { FltsError } from '../shared/errors.ts';
import type { HttpRequest, HttpResponse } from '../shared/handlers/http-handler.ts';
import type { Services } from '../shared/services.ts';
import {
  newestClaim,
  newestClaimKey,
  stageStatus,
  statusPrefix,
  type StageStatus,
} from '../shared/status.ts';
import type { Storage } from '../shared/storage/storage.ts';
import { BUCKETS } from '../shared/topics.ts';
import { claimStatus } from './claim-status.ts';

/**
 * GET /status/{identifier}[?claim_id=]: how far its newest claim, or the one that is named, has come.
 * @throws FltsError identifier_unknown (404)
 */
export async function status(
  { pathParameters, query }: HttpRequest,
  { storage }: Services,
): Promise<HttpResponse> {
  const { identifier = '' } = pathParameters;
  const asked = query['claim_id'];
  const claimId = asked ?? (await newestClaimId(storage, identifier));
  const [first, ...others] = claimId === undefined ? [] : await readReports(storage, identifier, claimId);
  if (first === undefined) {
    const got = asked === undefined ? identifier : `${identifier} and the claim ${asked.slice(0, 80)}`;
    throw new FltsError('identifier_unknown', `expected an identifier with a claim, got ${got}`, {
      status: 404,
    });
  }
  return {
    status: 200,
    headers: { 'cache-control': 'no-store' },
    body: claimStatus([first, ...others]),
  };
}

async function newestClaimId(storage: Storage, identifier: string): Promise<string | undefined> {
  const claim = await storage.getJson(BUCKETS.processed, newestClaimKey(identifier), newestClaim);
  return claim?.value.claim_id;
}

async function readReports(storage: Storage, identifier: string, claimId: string): Promise<StageStatus[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(BUCKETS.processed, statusPrefix(identifier, claimId)))
    keys.push(key);
  const stored = await Promise.all(keys.map((key) => storage.getJson(BUCKETS.processed, key, stageStatus)));
  return stored.flatMap((report) => report?.value ?? []);
}
