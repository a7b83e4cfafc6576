import { describe, expect, it } from 'vitest';
import type { AccessSettings } from '../shared/settings/settings.ts';
import { ADMIN } from '../shared/testing/access.ts';
import { createGateway } from './testing/requests.ts';

/** What an upload of the object and a URL for it are answered with, and whether anything was stored. */
async function write(
  [bucket, key]: readonly [string, string],
  headers: Readonly<Record<string, string>> = {},
  access: Partial<AccessSettings> = {},
) {
  const { ask, object, storage } = createGateway(access);
  const put = await ask({ method: 'PUT', ...object('upload', bucket, key), headers, body: '{}' });
  const post = await ask({ method: 'POST', ...object('upload', bucket, key), headers, body: '{}' });
  const url = await ask({ method: 'POST', ...object('upload-url', bucket, key), headers });
  return { statuses: [put.status, post.status, url.status], url: url.json()['url'], kept: storage.keys() };
}

const FORBIDDEN = { statuses: [403, 403, 403], url: undefined, kept: [] };
const UNAUTHORIZED = { statuses: [401, 401, 401], url: undefined, kept: [] };

describe('an object that the stages agree by', () => {
  it.each([
    ['model-promotion', 'current.json'],
    ['model-promotion', 'mine/current.json'],
    ['model-promotion', 'mine/hash/promotion-1767225600000-aaaaaaaa.json'],
    ['model-promotion', 'mine/hash/claims/c-1/decision.json'],
    ['model-promotion', 'anything'],
    ['processed-data', 'mine/status/current.json'],
    ['processed-data', 'mine/status/c-1/evaluate.json'],
    ['processed-data', 'mine/status/training-file.json'],
    ['processed-data', 'mine/pending/c-1.json'],
    ['processed-data', 'mine/hash/leases/key.json'],
    ['processed-data', 'mine/hash/checkpoints/key.ckpt'],
  ] as const)('is written by nobody, with the token or without: %s/%s', async (...address) => {
    expect(await write(address)).toEqual(FORBIDDEN);
    expect(await write(address, ADMIN)).toEqual(FORBIDDEN);
    expect(await write(address, ADMIN, { ADMIN_TOKEN: '' })).toEqual(FORBIDDEN);
  });
});

describe('any other object outside of dataset', () => {
  const other = ['processed-data', 'mine/hash/meta.json'] as const;
  it.each([
    other,
    ['mlflow', '1/run/artifacts/model.json'],
    ['inference-logs', 'mine/20240501/results.jsonl'],
    ['processed-data', 'status/hash/train.parquet'],
  ] as const)('is written by who has the token: %s/%s', async (...address) => {
    expect(await write(address)).toEqual(UNAUTHORIZED);
    expect((await write(address, ADMIN)).statuses).toEqual([200, 200, 200]);
    expect(await write(address, ADMIN, { ADMIN_TOKEN: '' })).toEqual(FORBIDDEN);
  });

  it.each([
    'Bearer wrong',
    'Bearer ',
    'Bearer',
    'Basic YS10b2tlbi1vZi10ZXN0cw==',
    ADMIN.authorization.slice(0, -1),
    `${ADMIN.authorization}x`,
    ADMIN.authorization.slice('Bearer '.length),
    ADMIN.authorization.toUpperCase(),
  ])('is not written with the header Authorization: %s', async (authorization) => {
    expect(await write(other, { authorization })).toEqual(UNAUTHORIZED);
  });

  it('is written with the scheme in any case, and whatever the case of the header', async () => {
    const authorization = ADMIN.authorization.replace('Bearer', 'bearer');
    expect((await write(other, { Authorization: authorization })).statuses).toEqual([200, 200, 200]);
  });

  it('is not written by what claims to have been authorised elsewhere', async () => {
    const headers = { 'sls-offline-authorizer-override': '{"principalId":"admin"}' };
    expect(await write(other, headers)).toEqual(UNAUTHORIZED);
  });
});

describe('a data set', () => {
  const mine = ['dataset', 'mine.csv'] as const;
  it('is uploaded by anyone where uploads are public, else by who has the token', async () => {
    expect((await write(mine, {}, { ADMIN_TOKEN: '' })).statuses).toEqual([200, 200, 200]);
    expect(await write(mine, {}, { PUBLIC_UPLOADS: false })).toEqual(UNAUTHORIZED);
    expect((await write(mine, ADMIN, { PUBLIC_UPLOADS: false })).statuses).toEqual([200, 200, 200]);
    expect(await write(mine, ADMIN, { PUBLIC_UPLOADS: false, ADMIN_TOKEN: '' })).toEqual(FORBIDDEN);
  });

  it('is read back, and its status too, by anyone where reads are public, else by who has the token', async () => {
    const { ask, object, upload } = createGateway({ PUBLIC_READS: false });
    await upload(...mine, { body: 'x' });
    const status = { resource: '/status/{identifier}', pathParameters: { identifier: 'mine' } };
    for (const fields of [object('download', ...mine), status]) {
      const answer = await ask(fields);
      expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Bearer']);
      expect((await ask({ ...fields, headers: ADMIN })).status).not.toBe(401);
    }
  });
});
