import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { claimIdOfGroup } from '../shared/claims.ts';
import { loadDataset } from '../shared/dataset/load.ts';
import { describeError, ServiceError } from '../shared/errors.ts';
import type { Upload } from '../shared/handlers/s3-handler.ts';
import { trainingClaim } from '../shared/messages/schema.ts';
import { newestClaim, newestClaimKey } from '../shared/status.ts';
import { BUCKETS, TOPICS } from '../shared/topics.ts';
import { HOUR_MS, START } from '../shared/testing/tables.ts';
import { databaseFile } from './testing/database-file.ts';
import { createStage, hourlyCsv, type Stage } from './testing/stage.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flts-groups-'));
  vi.stubEnv('TMPDIR', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const HOURS = 60;
const loadOf = (group: number, hour: number): number => 100 * group + (hour % 24) + ((hour * 7) % 5);

/** Hours of each group, one after the other within each hour. */
function groupedCsv(groups: readonly string[], { from = 0, hours = HOURS } = {}): string {
  const lines = Array.from({ length: hours }, (_, index) => from + index).flatMap((hour) =>
    groups.map(
      (group, place) => `${new Date(START + hour * HOUR_MS).toISOString()},${group},${loadOf(place, hour)}`,
    ),
  );
  return ['time,District,load', ...lines].join('\n') + '\n';
}

const GROUPED = '{"GROUP_COLUMN":"District"}';

async function groupedStage(): Promise<Stage> {
  const stage = createStage();
  await stage.put('x.config.json', GROUPED);
  return stage;
}

const claims = (stage: Stage) =>
  stage.publisher.messages(TOPICS.trainingData).map((message) => trainingClaim.parse(message));
const ofGroup = (upload: Upload, value: string): Upload => ({
  ...upload,
  claimId: claimIdOfGroup(upload.claimId, value),
});
const hashes = (stage: Stage): Record<string, string> =>
  Object.fromEntries(claims(stage).map(({ identifier, config_hash }) => [identifier, config_hash]));
const datasetOf = (stage: Stage, identifier: string) =>
  loadDataset(stage.storage, identifier, hashes(stage)[identifier] ?? '');

describe('a file with GROUP_COLUMN', () => {
  it('becomes an identifier for each value, with its own claim, status and data', async () => {
    const stage = await groupedStage();
    const upload = await stage.put('x.csv', groupedCsv(['Nou Barris', 'Gràcia']));
    await stage.run(upload);

    expect(
      claims(stage).map(({ identifier, claim_id, claimed_at }) => [identifier, claim_id, claimed_at]),
    ).toEqual([
      ['x-Nou-Barris', claimIdOfGroup(upload.claimId, 'Nou Barris'), upload.claimedAt],
      ['x-Gràcia', claimIdOfGroup(upload.claimId, 'Gràcia'), upload.claimedAt],
    ]);
    for (const [place, [value, identifier]] of [
      ['Nou Barris', 'x-Nou-Barris'],
      ['Gràcia', 'x-Gràcia'],
    ].entries()) {
      const { meta, series } = await datasetOf(stage, identifier ?? '');
      expect(meta).toMatchObject({
        identifier,
        source: { object: 'x.csv' },
        group: { column: 'District', value },
        roles: { targets: ['load'], past: [] },
        rows: { train: 54, test: 6, duplicates: 0 },
      });
      expect(series.actual['load']).toEqual(
        Float64Array.from({ length: HOURS }, (_, hour) => loadOf(place, hour)),
      );
      expect(await stage.status(identifier ?? '', ofGroup(upload, value ?? ''))).toMatchObject({
        state: 'SUCCESS',
        rows: { train: 54, test: 6 },
      });
      const newest = await stage.storage.getJson(
        BUCKETS.processed,
        newestClaimKey(identifier ?? ''),
        newestClaim,
      );
      expect(newest?.value.claim_id).toBe(claimIdOfGroup(upload.claimId, value ?? ''));
    }
    expect(await stage.status('x', upload)).toMatchObject({
      state: 'SUCCESS',
      groups: [
        { value: 'Nou Barris', identifier: 'x-Nou-Barris', state: 'SUCCESS' },
        { value: 'Gràcia', identifier: 'x-Gràcia', state: 'SUCCESS' },
      ],
    });
    expect(stage.storage.keys().filter((key) => /^processed-data\/x\/[0-9a-f]{64}/u.test(key))).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('gives each group the data that a file of its rows alone gives', async () => {
    const stage = await groupedStage();
    const csv = groupedCsv(['a', 'b', 'c']);
    await stage.run(await stage.put('x.csv', csv));
    const alone = csv
      .split('\n')
      .filter((line) => line.includes(',b,') || line.startsWith('time'))
      .map((line) => line.replace(/,(?:b|District),/u, ','));
    await stage.run(await stage.put('y.csv', alone.join('\n')));

    const [grouped, single] = [await datasetOf(stage, 'x-b'), await datasetOf(stage, 'y')];
    expect(grouped.meta.data_hash).toBe(single.meta.data_hash);
  });

  it('splits the test file by the same column; a group without test rows has none', async () => {
    const stage = await groupedStage();
    await stage.put('x_test.csv', groupedCsv(['a', 'b'], { from: HOURS, hours: 10 }));
    const rest = groupedCsv(['a', 'b', 'c']);
    await stage.run(await stage.put('x.csv', rest));

    expect((await datasetOf(stage, 'x-a')).meta).toMatchObject({
      rows: { train: 60, test: 10 },
      test_source: { object: 'x_test.csv' },
    });
    expect((await datasetOf(stage, 'x-c')).meta).toMatchObject({
      rows: { train: 54, test: 6 },
      test_source: null,
    });
  });

  it('refuses a test file with a group of its own', async () => {
    const stage = await groupedStage();
    await stage.put('x_test.csv', groupedCsv(['a', 'z'], { from: HOURS, hours: 10 }));

    await expect(stage.run(await stage.put('x.csv', groupedCsv(['a', 'b'])))).rejects.toMatchObject({
      code: 'group_invalid',
      message: expect.stringContaining('in column "District" of dataset/x_test.csv, got "z" besides'),
    });
    expect(stage.publisher.sent).toEqual([]);
  });

  it('takes a group’s own settings over those of the file', async () => {
    const stage = createStage();
    await stage.put('x.config.json', '{"GROUP_COLUMN":"District","EPOCHS":3,"HIDDEN_SIZE":8}');
    await stage.put('x-b.config.json', '{"EPOCHS":5}');
    await stage.run(await stage.put('x.csv', groupedCsv(['a', 'b'])));

    expect(
      claims(stage).map(({ identifier, settings }) => [identifier, settings.EPOCHS, settings.HIDDEN_SIZE]),
    ).toEqual([
      ['x-a', 3, 8],
      ['x-b', 5, 8],
    ]);
  });

  it('reuses a group whose rows and settings are those of before, whatever became of the others', async () => {
    const stage = await groupedStage();
    await stage.run(await stage.put('x.csv', groupedCsv(['a', 'b'])));
    const before = hashes(stage);
    const upload = await stage.put('x.csv', groupedCsv(['a', 'b']).replace(/,b,\d+\n$/u, ',b,5\n'));
    await stage.run(upload);

    expect(await stage.status('x-a', ofGroup(upload, 'a'))).toMatchObject({ state: 'SUCCESS', reused: true });
    expect(await stage.status('x-b', ofGroup(upload, 'b'))).toMatchObject({
      state: 'SUCCESS',
      reused: false,
    });
    expect(hashes(stage)['x-a']).toBe(before['x-a']);
    expect(hashes(stage)['x-b']).not.toBe(before['x-b']);
  });

  it('has the same identities in every format', async () => {
    const csv = groupedCsv(['1', '2']);
    const [, ...lines] = csv.trimEnd().split('\n');
    const rows = lines.map((line) => line.split(','));
    const files: [string, string | Uint8Array][] = [
      ['x.csv', csv],
      ['x.csv', csv.replaceAll(/,(\d),/gu, ',"$1",')],
      [
        'x.jsonl',
        rows.map(([time, group, load]) => `{"time":"${time}","District":${group},"load":${load}}`).join('\n'),
      ],
      [
        'x.parquet',
        await databaseFile(
          `SELECT stamp::TIMESTAMP AS time, District::SMALLINT AS District, load::DOUBLE AS load FROM (VALUES ${rows
            .map(([time = '', group, load]) => `('${time.replace('Z', '')}', ${group}, ${load})`)
            .join(', ')}) AS _(stamp, District, load)`,
        ),
      ],
    ];
    const found: Record<string, string>[] = [];
    for (const [key, body] of files) {
      const stage = await groupedStage();
      await stage.run(await stage.put(key, body));
      found.push(hashes(stage));
    }

    expect(Object.keys(found[0] ?? {})).toEqual(['x-1', 'x-2']);
    expect(found).toEqual(files.map(() => found[0]));
  });

  it('is no other with rows in any order of groups', async () => {
    const [mixed, sorted] = [await groupedStage(), await groupedStage()];
    const [header = '', ...lines] = groupedCsv(['a', 'b']).trimEnd().split('\n');
    await mixed.run(await mixed.put('x.csv', [header, ...lines].join('\n')));
    const byGroup = lines.toSorted((one, other) =>
      (one.split(',')[1] ?? '').localeCompare(other.split(',')[1] ?? ''),
    );
    await sorted.run(await sorted.put('x.csv', [header, ...byGroup].join('\n')));

    expect(hashes(sorted)).toEqual(hashes(mixed));
  });
});

describe('a group that cannot be made', () => {
  it('is given up for itself, with its reason; the others are made, and the upload says which are not', async () => {
    const stage = await groupedStage();
    await stage.put('x-c.config.json', '{"EPOCHS":0}');
    const csv = groupedCsv(['a', 'c', 'd']) + '2020-01-01T00:00:00Z,b,1\n';
    const upload = await stage.put('x.csv', csv);

    await expect(stage.run(upload)).rejects.toMatchObject({
      code: 'groups_given_up',
      retryable: false,
      message: expect.stringMatching(
        /all 4 groups of dataset\/x\.csv, got 2 of them, without x-c \(setting_invalid.*x-b \(/u,
      ),
    });
    expect(claims(stage).map(({ identifier }) => identifier)).toEqual(['x-a', 'x-d']);
    expect(await stage.status('x-b', ofGroup(upload, 'b'))).toMatchObject({
      state: 'FAILED',
      error: { message: expect.stringContaining('dataset/x.csv (District b)') },
    });
    expect(await stage.status('x', upload)).toMatchObject({
      groups: [{ state: 'SUCCESS' }, { state: 'FAILED' }, { state: 'SUCCESS' }, { state: 'FAILED' }],
    });
  });

  it.each([
    ['a setting of the file’s among its own', 'INDEX_COLUMN', '"time"'],
    ['a rule for repeated times among its own', 'HANDLE_DUPLICATES', '"mean"'],
  ])('because of %s is told so', async (_, name, value) => {
    const stage = await groupedStage();
    await stage.put('x-a.config.json', `{"${name}":${value}}`);

    await expect(stage.run(await stage.put('x.csv', groupedCsv(['a', 'b'])))).rejects.toMatchObject({
      message: expect.stringContaining(`dataset/x-a.config.json ${name}: expected in x.config.json alone`),
    });
  });

  it('because of a repeated time is told by the lines of the file', async () => {
    const stage = createStage();
    await stage.put('x.config.json', '{"GROUP_COLUMN":"District","HANDLE_DUPLICATES":"error"}');
    const lines = groupedCsv(['a', 'b']).trimEnd().split('\n');
    const upload = await stage.put('x.csv', [...lines, lines[2]].join('\n'));

    await expect(stage.run(upload)).rejects.toMatchObject({ code: 'groups_given_up' });
    expect(await stage.status('x-b', ofGroup(upload, 'b'))).toMatchObject({
      error: {
        code: 'timestamp_invalid',
        message: expect.stringMatching(/line 3 has the same.*line 122, got/u),
      },
    });
    expect(await stage.status('x-a', ofGroup(upload, 'a'))).toMatchObject({ state: 'SUCCESS' });
  });
});

describe('a file whose groups cannot be told', () => {
  const many = Array.from({ length: 1001 }, (_, row) => `2001-01-01,g${row},1`);
  it.each<[string, string, string, string, string]>([
    [
      'no such column',
      'x.csv',
      hourlyCsv(10),
      'column_missing',
      'the column "District" that GROUP_COLUMN names in dataset/x.csv',
    ],
    [
      'a row without a group',
      'x.csv',
      `${groupedCsv(['a'])}2020-01-01,,1\n`,
      'group_invalid',
      'line 62, got ""',
    ],
    [
      'a quoted cell of spaces',
      'x.csv',
      `${groupedCsv(['a'])}2020-01-01," ",1\n`,
      'group_invalid',
      'line 62',
    ],
    [
      'more than a thousand groups',
      'x.csv',
      ['time,District,a', ...many].join('\n'),
      'group_invalid',
      'at most 1000 values',
    ],
    ['groups of one name', 'x.csv', groupedCsv(['a b', 'a-b']), 'group_invalid', '"a b" and "a-b"'],
    ['the time for a group', 'x.csv', 'District,a\n2001-01-01,1\n', 'time_column_missing', 'dataset/x.csv'],
    [
      'a nested group',
      'x.jsonl',
      '{"time":"2001-01-01","District":{"a":1},"b":1}\n',
      'group_invalid',
      'line 1, got "{',
    ],
    [
      'a missing key',
      'x.jsonl',
      '{"time":"2001-01-01","District":"a","b":1}\n{"time":"2001-01-02"}\n',
      'group_invalid',
      'line 2',
    ],
  ])('with %s, called %s, is refused', async (_, key, ...[body, code, message]) => {
    const stage = await groupedStage();

    await expect(stage.run(await stage.put(key, body))).rejects.toMatchObject({
      code,
      retryable: false,
      message: expect.stringContaining(message),
    });
    expect(stage.publisher.sent).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['a null', "CASE range WHEN 1 THEN NULL ELSE 'a' END", 'row 2, got "null"'],
    ['a list', '[1]', 'got the type INTEGER[]'],
  ])('with %s in Parquet is refused', async (_, group, message) => {
    const stage = await groupedStage();
    const body = await databaseFile(
      `SELECT TIMESTAMP '2001-01-01' + to_hours(range) AS time, ${group} AS "District", 1 AS a FROM range(3)`,
    );

    await expect(stage.run(await stage.put('x.parquet', body))).rejects.toMatchObject({
      code: 'group_invalid',
      message: expect.stringContaining(message),
    });
  });
});

describe('groups under failures', () => {
  it('end alike whichever write to S3 fails first, each with one claim', async () => {
    const run = async (nth: number) => {
      const written = { count: 0 };
      const failing = <T>(call: () => Promise<T>): Promise<T> => {
        written.count += 1;
        return written.count === nth
          ? Promise.reject(new ServiceError('storage_unavailable', `write ${nth}`))
          : call();
      };
      const stage = createStage((storage) => ({
        ...storage,
        put: (...args) => failing(() => storage.put(...args)),
        putJson: (...args) => failing(() => storage.putJson(...args)),
        putStream: (...args) => failing(() => storage.putStream(...args)),
        copy: (...args) => failing(() => storage.copy(...args)),
      }));
      await stage.put('x.config.json', GROUPED);
      const upload = await stage.put('x.csv', groupedCsv(['a', 'b']));
      const ended = await stage.run(upload).then(
        () => 'done',
        (error: unknown) => describeError(error).code,
      );
      if (ended !== 'done') await stage.run(upload);
      const claimed = new Set(claims(stage).map(({ produced_at: _at, ...claim }) => JSON.stringify(claim)));
      return {
        reached: written.count >= nth,
        ended,
        claimed: [...claimed].toSorted(),
        keys: stage.storage.keys(),
      };
    };
    const clean = await run(Number.POSITIVE_INFINITY);
    const ends = [];
    for (let end = await run(1); end.reached; end = await run(ends.length + 1)) ends.push(end);

    expect(clean.claimed).toHaveLength(2);
    expect(ends.length).toBeGreaterThan(20);
    const codes = ends.map(({ ended }) => ended).filter((code) => code !== 'done');
    expect(codes.length).toBeGreaterThan(20);
    expect(new Set(codes)).toEqual(new Set(['storage_unavailable']));
    for (const { claimed, keys } of ends)
      expect({ claimed, keys }).toEqual({ claimed: clean.claimed, keys: clean.keys });
    expect(await readdir(folder)).toEqual([]);
  });
});
