import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HOUR_MS, START } from '../shared/testing/tables.ts';
import { createStage, hourlyCsv } from './testing/stage.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flts-bad-input-'));
  vi.stubEnv('TMPDIR', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

type Files = Readonly<Record<string, string | Uint8Array>>;
const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const after = START + 100 * HOUR_MS;
const good = hourlyCsv(100);
const withLine = (line: string): string => good.replace('\n', `\n${line}\n`);

const cases: [string, Files, string, string][] = [
  ['an empty file', { 'x.csv': '' }, 'file_empty', 'dataset/x.csv'],
  ['a header alone', { 'x.csv': 'time,a\n' }, 'file_header_only', 'dataset/x.csv'],
  ['a ragged row', { 'x.csv': withLine('2001-01-01,1') }, 'row_ragged', 'dataset/x.csv, line 2, got 2'],
  [
    'a text column',
    { 'x.csv': withLine('2000-12-31T23:00Z,1,high') },
    'column_not_numeric',
    'column "flow" of dataset/x.csv, line 2, got "high"',
  ],
  [
    'a bad timestamp',
    { 'x.csv': withLine('soon,1,2') },
    'timestamp_invalid',
    'column "time" of dataset/x.csv, line 2, got "soon"',
  ],
  ['no time column', { 'x.csv': 'a,b\n1,2\n' }, 'time_column_missing', 'dataset/x.csv'],
  ['binary content', { 'x.csv': png }, 'file_not_text', 'invalid sequence at byte 0'],
  [
    'fewer rows than a window',
    { 'x.csv': hourlyCsv(12), 'x.config.json': '{"INPUT_SEQ_LEN": 10, "OUTPUT_SEQ_LEN": 1}' },
    'rows_insufficient',
    'at least 11 rows in the fit segment of dataset/x.csv (INPUT_SEQ_LEN 10, OUTPUT_SEQ_LEN 1), got 8',
  ],
  [
    'too few rows for a segment',
    { 'x.csv': good, 'x.config.json': '{"OUTPUT_SEQ_LEN": 11}' },
    'rows_insufficient',
    'at least 11 rows in the validate segment',
  ],
  ['two rows', { 'x.csv': hourlyCsv(2) }, 'rows_insufficient', 'at least 3 fit rows'],
  [
    'a column called like a derived one',
    { 'x.csv': good.replace('flow', 'load__actual') },
    'column_reserved',
    'got "load__actual"',
  ],
  [
    'rows that miss too many cells',
    { 'x.csv': `${good.replaceAll(/,\d+$/gmu, ',').trimEnd()}1\n` },
    'rows_insufficient',
    'HANDLE_NANS_THRESHOLD',
  ],
  [
    'a column of missing cells alone',
    {
      'x.csv': `${good.replaceAll(/,\d+$/gmu, ',').trimEnd()}1\n`,
      'x.config.json': '{"HANDLE_NANS_THRESHOLD": 0.5}',
    },
    'column_not_numeric',
    'column "flow"',
  ],
  ['a NUL', { 'x.csv': 'time,a\u0000\n' }, 'file_not_text', 'a NUL at byte 6'],
  [
    'rows of no frequency',
    {
      'x.csv': `time,a\n${Array.from({ length: 60 }, (_, row) => `${new Date(START + row * row * HOUR_MS).toISOString()},1`).join('\n')}\n`,
    },
    'frequency_unknown',
    'REGULARISE=off',
  ],
  [
    'a test file of other columns',
    { 'x_test.csv': hourlyCsv(20, after).replace('flow', 'flux'), 'x.csv': good },
    'columns_differ',
    'dataset/x_test.csv (time, load, flow), got no flow and flux besides',
  ],
  [
    'a test file that overlaps',
    { 'x_test.csv': hourlyCsv(20, after - 5 * HOUR_MS), 'x.csv': good },
    'test_overlaps_train',
    'got 5 at or before it',
  ],
  ['an empty test file', { 'x_test.csv': '', 'x.csv': good }, 'file_empty', 'dataset/x_test.csv'],
  [
    'a bad row in the test file',
    { 'x_test.csv': hourlyCsv(20, after).replace(/\n.*\n/u, '\n2002,1,2\n'), 'x.csv': good },
    'timestamp_invalid',
    'dataset/x_test.csv, line 2',
  ],
  [
    'settings that are no JSON',
    { 'x.config.json': '{', 'x.csv': good },
    'setting_invalid',
    'dataset/x.config.json',
  ],
  [
    'holidays of no country',
    { 'x.config.json': '{"HOLIDAYS_COUNTRY": "QX"}', 'x.csv': good },
    'setting_invalid',
    'HOLIDAYS_COUNTRY: expected one of AD, AE',
  ],
  [
    'lags out of reach',
    { 'x.config.json': '{"LAGS_N": 20, "LAGS_STEP": 9000}', 'x.csv': good },
    'setting_invalid',
    'LAGS_N times LAGS_STEP to be at most 100000 rows',
  ],
  [
    'a column called like a lag',
    { 'x.config.json': '{"LAGS_N": 2}', 'x.csv': good.replace('load,flow', 'load,load_lag_2') },
    'column_reserved',
    'dataset/x.csv',
  ],
  [
    'too few rows for lags and a window',
    { 'x.config.json': '{"LAGS_N": 3, "LAGS_STEP": 24}', 'x.csv': good },
    'rows_insufficient',
    'at least 74 rows in the fit segment of dataset/x.csv (INPUT_SEQ_LEN auto, OUTPUT_SEQ_LEN auto, 72 for lags',
  ],
  [
    'resampling without a spacing',
    { 'x.config.json': '{"REGULARISE": "resample"}', 'x.csv': good },
    'setting_invalid',
    'FREQUENCY: expected a spacing like 15min',
  ],
  [
    'a repeated timestamp, where that is an error',
    { 'x.config.json': '{"HANDLE_DUPLICATES": "error"}', 'x.csv': good.replace(/(\n.*)\n/u, '$1$1\n') },
    'timestamp_invalid',
    'line 2 has the same) in column "time" of dataset/x.csv, line 3, got "2001-01-01T00:00:00.000Z"',
  ],
  [
    'a target that is not there',
    { 'x.config.json': '{"TARGET_COLUMNS": ["speed"]}', 'x.csv': good },
    'column_missing',
    'speed',
  ],
  [
    'shares for other files',
    { 'x.config.json': '{"SPLIT": [0.8, 0.1, 0.1]}', 'x.csv': good },
    'setting_invalid',
    'SPLIT',
  ],
];

describe('preprocess refuses', () => {
  it.each(cases)('%s', async (_, files, code, place) => {
    const stage = createStage();
    const uploads = [];
    for (const [key, body] of Object.entries(files)) uploads.push(await stage.put(key, body));
    const upload = uploads.find(({ key }) => key === 'x.csv');
    if (upload === undefined) throw new Error('expected an upload of x.csv');

    await expect(stage.run(upload)).rejects.toMatchObject({
      code,
      retryable: false,
      message: expect.stringContaining(place),
    });

    expect(stage.publisher.sent).toEqual([]);
    expect(
      stage.storage.keys().filter((key) => key.startsWith('processed-data/') && !key.includes('/status/')),
    ).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('an output that is there already, where a window no longer fits', async () => {
    const stage = createStage();
    const upload = await stage.put('x.csv', good);
    await stage.run(upload);

    await expect(stage.run(upload, { INPUT_SEQ_LEN: '70' })).rejects.toMatchObject({
      code: 'rows_insufficient',
    });
    expect(stage.publisher.sent).toHaveLength(2);
  });

  it.each(['global.csv', 'global.jsonl.gz', 'global_test.parquet', 'global.config.json'])(
    'the key %s, whose identifier is reserved',
    async (key) => {
      const stage = createStage();
      await expect(stage.run(await stage.put(key, good))).rejects.toMatchObject({
        code: 'upload_unexpected',
        message: expect.stringContaining('another identifier than global'),
      });
      expect(stage.storage.keys()).toEqual([`dataset/${key}`]);
    },
  );

  it.each(['x.txt', 'x', 'x.PARQUET', 'x.parquet.gz', 'x.csv.bz2', 'folder/x.csv', '.csv', 'x.json'])(
    'the key %s, naming what is expected',
    async (key) => {
      const stage = createStage();
      const upload = await stage.put(key, good);

      await expect(stage.run(upload)).rejects.toMatchObject({
        code: 'upload_unexpected',
        retryable: false,
        message: expect.stringMatching(
          /<identifier>\.csv, .*\.parquet .*<identifier>_test .*<identifier>\.config\.json .* got dataset\//u,
        ),
      });
    },
  );
});
