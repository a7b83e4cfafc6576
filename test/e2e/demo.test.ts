import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { get, post } from '../support/http.ts';
import { exampleEvent, invokeLocal, type Invoked } from '../support/invoke-local.ts';
import { listKeys, readJson, readText } from '../support/objects.ts';
import { startStack, type RunningStack } from '../support/running-stack.ts';
import { plainTfjsForecast } from '../support/plain-tfjs.ts';

interface Line {
  model_type: string;
  run_id: string;
  baseline: boolean;
  select: { rmse: number; mae: number; mse: number; score: number };
  test: { rmse: number; mae: number; mse: number; score: number };
}

const ID = 'us-flights';
const STATISTICAL = ['train AUTOETS', 'train AUTOTHETA', 'train AUTOCES'];
const TRAIN_ROWS = 4008;
const FIT_ROWS = Math.floor(TRAIN_ROWS * 0.8);

/** time -> target -> value, of a CSV as it was uploaded; NaN where a cell is empty. */
function parseCsv(text: string): { times: string[]; columns: Record<string, number[]> } {
  const [header = '', ...rows] = text.trimEnd().split('\n');
  const names = header.split(',');
  const cells = rows.map((row) => row.split(','));
  const columns = Object.fromEntries(
    names
      .slice(1)
      .map((name, index) => [
        name,
        cells.map((row) => (row[index + 1] === '' ? Number.NaN : Number(row[index + 1]))),
      ]),
  );
  return { times: cells.map((row) => row[0] ?? ''), columns };
}

describe('the demo of npm start', () => {
  let stack: RunningStack;
  let board: Line[];
  let source: ReturnType<typeof parseCsv>;

  beforeAll(async () => {
    stack = await startStack({ arguments: [] });
    await Promise.race([
      stack.line(/^Try:/u),
      stack.exited.then((code) => Promise.reject(new Error(`exit ${code}\n${stack.lines.join('\n')}`))),
    ]);
    const pointer = await readJson(stack.s3, 'model-promotion', `${ID}/current.json`);
    board = pointer?.['scoreboard'] as Line[];
    const [train, test] = await Promise.all([
      readText(stack.s3, 'dataset', `${ID}.csv`),
      readText(stack.s3, 'dataset', `${ID}_test.csv`),
    ]);
    source = parseCsv(`${train}${test?.split('\n').slice(1).join('\n')}`);
  }, 300_000);
  afterAll(async () => {
    await stack?.dispose();
  });

  it('shows scoreboard, promotion, forecast beside what came, and what to try next', () => {
    const printed = stack.lines.join('\n');
    for (const part of [
      /ready in \d/u,
      /preprocess/u,
      /train GRU/u,
      /train PROPHET/u,
      /promoted: score/u,
      /SEASONAL_NAIVE/u,
      /forecast .*▁|forecast .*█/u,
      /what came/u,
      /curl -T/u,
    ]) {
      expect(printed).toMatch(part);
    }
  });

  it('has a network that beats the best baseline on select and on test', () => {
    const best = (segment: 'select' | 'test', lines: Line[]): number =>
      Math.min(...lines.map((line) => line[segment].score));
    const networks = board.filter(({ model_type }) => ['GRU', 'LSTM'].includes(model_type));
    const baselines = board.filter(({ baseline }) => baseline);
    expect(baselines.map(({ model_type }) => model_type).toSorted()).toEqual([
      'DRIFT',
      'MEAN_WINDOW',
      'NAIVE',
      'SEASONAL_NAIVE',
    ]);
    const winners = networks.filter(
      (line) => line.select.score < best('select', baselines) && line.test.score < best('test', baselines),
    );
    expect(winners).not.toEqual([]);
  });

  it(
    'has a scoreboard that follows from the stored predictions and the source file alone',
    { timeout: 60_000 },
    async () => {
      for (const line of board) {
        for (const segment of ['select', 'test'] as const) {
          const recomputed = await scoreFromPredictions(stack, line.run_id, segment, source);
          for (const name of ['rmse', 'mae', 'mse', 'score'] as const)
            expect(recomputed[name]).toBeCloseTo(line[segment][name], 9);
        }
      }
    },
  );

  it('answers POST /predict with the rows of a request, columns in any order', async () => {
    const end = source.times.length - 24;
    const window = (values: readonly (string | number)[]) => values.slice(end - 100, end);
    const names = Object.keys(source.columns);
    const ask = async (order: readonly string[]) => {
      const columns = order.map((name) => [
        name,
        name === 'time' ? window(source.times) : window(source.columns[name] ?? []),
      ]);
      const body = { identifier: ID, index_col: 'time', data: Object.fromEntries(columns) };
      return (await post(`${stack.url}/predict`, body)).json;
    };
    const answer = await ask(['time', ...names]);
    expect(answer).toMatchObject({ status: 'SUCCESS', run_id: board[0]?.run_id });
    const predictions = answer['predictions'] as Record<string, number>[];
    expect(predictions).toHaveLength(24);
    expect((await ask([...names.toReversed(), 'time']))['predictions']).toEqual(predictions);
    const errors = predictions.map((row, step) =>
      Math.abs((row['departures'] ?? Number.NaN) - (source.columns['departures']?.[end + step] ?? 0)),
    );
    expect(errors.reduce((sum, error) => sum + error, 0) / 24).toBeLessThan(100);
  });

  it(
    'has a network whose predictions are those of plain TF.js on the same window',
    { timeout: 60_000 },
    async () => {
      const network = board.find(({ model_type }) => ['GRU', 'LSTM'].includes(model_type));
      const end = source.times.length - 24;
      const window = (values: readonly (string | number)[]) => values.slice(end - 24, end);
      const names = Object.keys(source.columns);
      const folder = (await listKeys(stack.s3, 'mlflow'))
        .find((key) => key.includes(String(network?.run_id)))
        ?.split('/artifacts/')[0];
      const bytes = async (path: string): Promise<Uint8Array> => {
        const stored = await stack.s3.send(
          new GetObjectCommand({ Bucket: 'mlflow', Key: `${folder}/artifacts/${path}` }),
        );
        return (await stored.Body?.transformToByteArray()) ?? new Uint8Array();
      };
      const expected = await plainTfjsForecast({
        model: JSON.parse(Buffer.from(await bytes(`${network?.model_type}/model.json`)).toString()),
        weights: await bytes(`${network?.model_type}/weights.bin`),
        scaler: JSON.parse(Buffer.from(await bytes('scaler/scaler.json')).toString()),
        times: window(source.times).map((time) => Date.parse(String(time))),
        columns: Object.fromEntries(
          names.map((name) => [name, window(source.columns[name] ?? []).map(Number)]),
        ),
        targets: names,
      });
      const origin = Date.parse(source.times[end - 1] ?? '');
      const stored = await readPredictions(stack, String(network?.run_id), 'test');
      for (const [index, name] of names.entries()) {
        const predicted = stored.filter((row) => row.target === name && row.origin === origin);
        expect(predicted).toHaveLength(24);
        for (const [step, row] of predicted.entries()) {
          const y = expected[step]?.[index] ?? Number.NaN;
          const tolerance =
            1e-5 * Math.abs(y) + 1e-5 * deviation((source.columns[name] ?? []).slice(0, FIT_ROWS));
          expect(Math.abs(row.predicted - y)).toBeLessThanOrEqual(tolerance);
        }
      }
    },
  );

  it(
    'started a second time reuses everything, says so, and with --once exits 0',
    { timeout: 60_000 },
    async () => {
      await stack.stop();
      const again = await startStack({ former: stack, arguments: ['--once'] });
      expect(await again.exited).toBe(0);
      const reused = again.lines
        .filter((line) => /^(preprocess|train ).*reused/u.test(line))
        .map((line) => /^(preprocess|train \w+)/u.exec(line)?.[1]);
      expect(new Set(reused)).toEqual(
        new Set(['preprocess', 'train GRU', 'train LSTM', 'train PROPHET', ...STATISTICAL]),
      );
      stack = await startStack({ former: stack });
      expect((await get(`${stack.url}/status/${ID}`)).json['state']).toBe('SUCCESS');
    },
  );

  it(
    'answers sls invoke local of every function as the stack itself does',
    { timeout: 120_000 },
    async () => {
      const before = await get(`${stack.url}/status/${ID}`);
      const forecast = await post(
        `${stack.url}/predict?inference_length=3`,
        exampleEvent('predict').body ?? '',
      );
      const invoked: Record<string, Invoked> = {};
      // One after the other, like a person; status first, since others are heard of there.
      for (const name of ['gateway', 'predict', ...Object.keys(INVOKED)])
        invoked[name] = await invokeLocal(name, stack);
      expect(Object.values(invoked).map(({ exitCode, output }) => (exitCode === 0 ? '' : output))).toEqual(
        Object.values(invoked).map(() => ''),
      );
      expect(bodyOf(invoked['gateway'])).toEqual(before.json);
      expect(bodyOf(invoked['predict'])['predictions']).toEqual(forecast.json['predictions']);
      for (const [name, event] of Object.entries(INVOKED)) {
        const { answer, events } = invoked[name] ?? {};
        const told = events?.filter((each) => !['model_loaded', 'training_not_expected'].includes(each));
        const nothingFailed = name === 'preprocess' ? {} : { batchItemFailures: [] };
        expect({ name, answer, told }).toEqual({ name, answer: nothingFailed, told: [event] });
      }
    },
  );
});

/**
 * What a function makes of its example: of a claim on rows that are nowhere in this stack, a letter; the rest is of
 * functions that need no rows, or find the demo's.
 */
const INVOKED: Readonly<Record<string, string>> = {
  preprocess: 'preprocess_finished',
  evaluate: 'evaluation_waiting',
  record: 'results_recorded',
  'give-up': 'training_given_up',
  infer: 'record_given_up object_not_found',
  'train-gru': 'record_given_up object_not_found',
  'train-lstm': 'record_given_up object_not_found',
  'train-prophet': 'record_given_up object_not_found',
  'train-tcn': 'record_given_up object_not_found',
  'train-ed-lstm': 'record_given_up object_not_found',
  'train-tets': 'record_given_up object_not_found',
  'train-statistical': 'record_given_up training_failed',
};

function bodyOf(invoked: Invoked | undefined): Record<string, unknown> {
  return Object(JSON.parse(String(invoked?.answer['body'])));
}

function deviation(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length);
}

/** Errors of the stored predictions against the source's own cells, per target in deviations of the fit rows, averaged over targets. */
async function scoreFromPredictions(
  stack: RunningStack,
  runId: string,
  segment: string,
  source: ReturnType<typeof parseCsv>,
): Promise<Line['select']> {
  const rows = await readPredictions(stack, runId, segment);
  const at = new Map(source.times.map((time, index) => [Date.parse(time), index]));
  const targets = Object.keys(source.columns);
  const perTarget = targets.map((target) => {
    const std = deviation((source.columns[target] ?? []).slice(0, FIT_ROWS));
    const errors = rows
      .filter((row) => row.target === target)
      .map((row) => (row.predicted - (source.columns[target]?.[at.get(row.ts) ?? -1] ?? Number.NaN)) / std)
      .filter((error) => !Number.isNaN(error));
    const mse = errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length;
    return {
      mse,
      rmse: Math.sqrt(mse),
      mae: errors.reduce((sum, error) => sum + Math.abs(error), 0) / errors.length,
    };
  });
  const mean = (name: 'mse' | 'rmse' | 'mae'): number =>
    perTarget.reduce((sum, figures) => sum + figures[name], 0) / targets.length;
  const [rmse, mae, mse] = [mean('rmse'), mean('mae'), mean('mse')];
  return { rmse, mae, mse, score: 0.5 * rmse + 0.3 * mae + 0.2 * mse };
}

async function readPredictions(
  stack: RunningStack,
  runId: string,
  segment: string,
): Promise<{ target: string; origin: number; ts: number; predicted: number }[]> {
  const key = (await listKeys(stack.s3, 'mlflow')).find((each) =>
    each.endsWith(`${runId}/artifacts/predictions/${segment}.parquet`),
  );
  const stored = await stack.s3.send(new GetObjectCommand({ Bucket: 'mlflow', Key: key }));
  const folder = await mkdtemp(join(tmpdir(), 'flts-demo-'));
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const file = join(folder, 'p.parquet');
    await writeFile(file, (await stored.Body?.transformToByteArray()) ?? new Uint8Array());
    const connection = await instance.connect();
    const result = await connection.runAndReadAll(
      `SELECT target, epoch_ms(origin)::DOUBLE, epoch_ms(ts)::DOUBLE, predicted FROM '${file}' ORDER BY target, origin, step`,
    );
    return result.getRows().map(([target, origin, ts, predicted]) => ({
      target: String(target),
      origin: Number(origin),
      ts: Number(ts),
      predicted: Number(predicted),
    }));
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}
