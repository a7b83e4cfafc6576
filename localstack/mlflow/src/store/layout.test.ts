import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLayout } from './layout.ts';
import { openStore, type Store } from './store.ts';

/** Every file that MLflow's own file store wrote for one run; beside the repository, and not everywhere. */
const RECORDED = join(import.meta.dirname, '../../../../../shared/fixtures/mlflow/filestore-layout.json');
const OWN: Layout = {
  experiment_id: '71',
  run_id: 'feedc0defeedc0defeedc0defeedc0de',
  files: {
    'mlruns/71/meta.yaml': "experiment_id: '71'\nlifecycle_stage: active\nname: layout\n",
    'mlruns/71/feedc0defeedc0defeedc0defeedc0de/meta.yaml': `end_time: 1795444060000
experiment_id: '71'
lifecycle_stage: active
run_id: feedc0defeedc0defeedc0defeedc0de
run_name: layout run
start_time: 1795444000000
status: 3
user_id: ci
`,
    'mlruns/71/feedc0defeedc0defeedc0defeedc0de/metrics/rmse':
      '1795444000000 1.5 0\n1795444000001 0.9 1\n1795444000002 nan 2\n1795444000003 inf 3\n',
    'mlruns/71/feedc0defeedc0defeedc0defeedc0de/params/config_hash': 'abc',
    'mlruns/71/feedc0defeedc0defeedc0defeedc0de/params/data.path': 'multi\nline',
    'mlruns/71/feedc0defeedc0defeedc0defeedc0de/artifacts/': null,
  },
};

interface Layout {
  readonly experiment_id: string;
  readonly run_id: string;
  /** null: an empty folder. */
  readonly files: Readonly<Record<string, string | null>>;
}

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'flts-layout-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function open(): Store {
  return openStore(
    createLayout(join(root, 'mlruns'), (path, cause) => {
      throw new Error(`expected ${path} readable`, { cause });
    }),
    () => 1,
  );
}

describe('the file layout', () => {
  it('of MLflow is read as it was meant', () => {
    const layout: Layout = existsSync(RECORDED) ? JSON.parse(readFileSync(RECORDED, 'utf8')) : OWN;
    for (const [path, text] of Object.entries(layout.files)) {
      mkdirSync(join(root, text === null ? path : dirname(path)), { recursive: true });
      if (text !== null) writeFileSync(join(root, path), text);
    }
    const run = open().run(layout.run_id);
    expect(run).toMatchObject({
      experimentId: layout.experiment_id,
      name: 'layout run',
      status: 'FINISHED',
      startTime: 1795444000000,
      endTime: 1795444060000,
      userId: 'ci',
      lifecycle: 'active',
    });
    expect(Object.fromEntries(run.params)).toEqual({ config_hash: 'abc', 'data.path': 'multi\nline' });
    expect(run.metrics.get('rmse')?.map(({ value, step }) => [value, step])).toEqual([
      [1.5, 0],
      [0.9, 1],
      [Number.NaN, 2],
      [Number.POSITIVE_INFINITY, 3],
    ]);
  });

  it('written for a run is the one that MLflow takes for a run: without its folders it finds none', () => {
    const store = open();
    const { id } = store.createRun({
      experimentId: '0',
      name: 'r',
      userId: '',
      startTime: 1,
      tags: new Map([['mlflow.runName', 'r']]),
    });
    const folder = join(root, 'mlruns', '0', id);
    expect(readdirSync(folder).toSorted()).toEqual(['artifacts', 'meta.yaml', 'metrics', 'params', 'tags']);
    store.log(id, {
      metrics: [{ key: 'val/mae', value: Number.NEGATIVE_INFINITY, timestamp: 5, step: 1 }],
      params: [{ key: 'p', value: 'two\nlines' }],
      tags: [],
    });
    expect(readFileSync(join(folder, 'metrics', 'val', 'mae'), 'utf8')).toBe('5 -inf 1\n');
    expect(readFileSync(join(folder, 'params', 'p'), 'utf8')).toBe('two\nlines');
  });
});
