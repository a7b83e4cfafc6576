// What the recordings need beside themselves: bodies that they only describe, experiments and runs made for them.

export const AT = 1795444602134;
export const R2 = 'a88c491592554e049e1192e6c9521139';
export const LATEST_RULE = 'f6e999bd3b964c85a07f1088b3e69ef6';
export const NAN_RUN = '475f8b2671404365a547b3b15041832f';

/** Made for the recordings, but not recorded itself. */
export type Setup =
  | { readonly experiment: string; readonly name: string }
  | { readonly run: string; readonly body: Readonly<Record<string, unknown>> }
  | { readonly post: string; readonly body: Readonly<Record<string, unknown>> }
  | { readonly put: string }
  | { readonly stop: 's3' };

export const point = (key: string, value: number | string, step = 0, timestamp = AT) => ({
  key,
  value,
  timestamp,
  step,
});
const points = (count: number) =>
  Array.from({ length: count }, (_, step) => point('m', step / 10, step, AT + step));
const pairs = (letter: string, count: number, value = '1') =>
  Array.from({ length: count }, (_, index) => ({ key: `${letter}${index}`, value }));

/** Bodies that the recordings only describe. */
export const BODIES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'runs-log-batch-1000-metrics-ok': { run_id: R2, metrics: points(1000) },
  'runs-log-batch-1001-metrics': { run_id: R2, metrics: points(1001) },
  'runs-log-batch-101-params': { run_id: R2, params: pairs('p', 101) },
  'runs-log-batch-101-tags': { run_id: R2, tags: pairs('t', 101) },
  'runs-log-batch-total-over-1000': { run_id: R2, metrics: points(950), params: pairs('p', 60) },
  'runs-log-batch-over-1-mb': {
    run_id: '43175d713a8a40aaaa123b4cf4c6e777',
    tags: pairs('t', 99, 'x'.repeat(7900)),
    params: pairs('p', 99, 'x'.repeat(5900)),
  },
  'runs-log-parameter-key-251-chars': {
    run_id: '9d73dc6b6f6d44a9aa69ff0b8a661c00',
    key: 'k'.repeat(251),
    value: '1',
  },
  'runs-log-parameter-value-6000-chars': {
    run_id: '43175d713a8a40aaaa123b4cf4c6e777',
    key: 'long',
    value: 'v'.repeat(6000),
  },
  'runs-log-parameter-value-6001-chars': {
    run_id: '43175d713a8a40aaaa123b4cf4c6e777',
    key: 'long',
    value: 'v'.repeat(6001),
  },
  'runs-set-tag-value-8001-chars': {
    run_id: '43175d713a8a40aaaa123b4cf4c6e777',
    key: 'long',
    value: 'v'.repeat(8001),
  },
};

/** A finished run of the experiment that is searched. */
export function searched(name: string, run: string, score: number, rmse: number): Setup[] {
  const start = AT + Number(name.slice(1)) * 1000;
  return [
    {
      run,
      body: {
        experiment_id: '5',
        run_name: name,
        start_time: start,
        tags: [{ key: 'a.b', value: 'c' }],
      },
    },
    {
      post: 'runs/log-batch',
      body: {
        run_id: run,
        metrics: [point('score', score), point('rmse', rmse)],
        params: [{ key: 'config_hash', value: name === 's1' || name === 's3' ? 'x' : 'z' }],
      },
    },
    { post: 'runs/update', body: { run_id: run, status: 'FINISHED', end_time: start + 500 } },
  ];
}

/** A run with one metric, or none, of the experiment that is ordered by it. */
export function compared(name: string, run: string, value?: number | string): Setup[] {
  return [
    { run, body: { experiment_id: '9', run_name: name, start_time: AT } },
    ...(value === undefined
      ? []
      : [{ post: 'runs/log-metric', body: { run_id: run, ...point('v', value) } }]),
  ];
}
