// What MLflow's web interface shows of an experiment, by the requests that its pages make.

const HISTORY_POINTS = 320;

const RUN_PAGE = `query GetRun($data: MlflowGetRunInput!) {
  mlflowGetRun(input: $data) {
    apiError { message }
    run { info { runName status startTime endTime } data { params { key value } } }
  }
}`;

interface Run {
  readonly info: { readonly run_id: string };
  readonly data: { readonly metrics?: readonly { readonly key: string }[] };
}

interface RunPage {
  readonly data: {
    readonly mlflowGetRun: {
      readonly run: {
        readonly info: Readonly<Record<'runName' | 'status' | 'startTime' | 'endTime', string>>;
        readonly data: { readonly params: readonly { readonly key: string; readonly value: string }[] };
      };
    };
  };
}

/** Each run's page, charts by step and files with their text, in the order of the list of runs, oldest first. */
export async function seenByInterface(uri: string, experiment: string): Promise<unknown[]> {
  const ask = (path: string, body?: object): Promise<Response> => answered(`${uri}/${path}`, body);
  const query = new URLSearchParams({ experiment_name: experiment });
  const found = await ask(`ajax-api/2.0/mlflow/experiments/get-by-name?${query}`);
  const { experiment: which } = (await found.json()) as { experiment: { experiment_id: string } };
  const listed = await ask('ajax-api/2.0/mlflow/runs/search', {
    experiment_ids: [which.experiment_id],
    order_by: ['attributes.start_time ASC'],
    run_view_type: 'ACTIVE_ONLY',
  });
  const { runs = [] } = (await listed.json()) as { runs?: Run[] };
  return Promise.all(runs.map((run) => shownOf(ask, run)));
}

type Ask = (path: string, body?: object) => Promise<Response>;

async function shownOf(ask: Ask, { info: { run_id: id }, data: { metrics = [] } }: Run): Promise<unknown> {
  const page = await ask('graphql', {
    operationName: 'GetRun',
    query: RUN_PAGE,
    variables: { data: { runId: id } },
  });
  const { info, data } = ((await page.json()) as RunPage).data.mlflowGetRun.run;
  const charts = metrics.map(async ({ key }) => [key, await chart(ask, id, key)] as const);
  return {
    name: info.runName,
    status: info.status,
    times: [info.startTime, info.endTime],
    params: Object.fromEntries(data.params.map(({ key, value }) => [key, value])),
    metrics: Object.fromEntries(await Promise.all(charts)),
    artifacts: Object.fromEntries(await files(ask, id)),
  };
}

/** Points `[step, value, epoch ms]`. */
async function chart(ask: Ask, run: string, key: string): Promise<unknown[]> {
  const query = new URLSearchParams({
    run_ids: run,
    metric_key: key,
    max_results: String(HISTORY_POINTS),
  });
  const answer = await ask(`ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?${query}`);
  const { metrics } = (await answer.json()) as {
    metrics: { step: number; value: unknown; timestamp: number }[];
  };
  return metrics.map(({ step, value, timestamp }) => [step, value, timestamp]);
}

interface Listed {
  readonly files?: readonly { readonly path: string; readonly is_dir: boolean }[];
}

async function files(ask: Ask, run: string, folder = ''): Promise<(readonly [string, string])[]> {
  const query = new URLSearchParams({ run_uuid: run, ...(folder === '' ? {} : { path: folder }) });
  const listed = (await (await ask(`ajax-api/2.0/mlflow/artifacts/list?${query}`)).json()) as Listed;
  const found = (listed.files ?? []).map(async ({ path, is_dir: isFolder }) => {
    if (isFolder) return files(ask, run, path);
    const text = await ask(`get-artifact?${new URLSearchParams({ run_uuid: run, path })}`);
    return [[path, await text.text()] as const];
  });
  return (await Promise.all(found)).flat();
}

/** @throws Error for any other status than 200 */
async function answered(url: string, body?: object): Promise<Response> {
  const asJson = { 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { method: 'POST', headers: asJson, body: JSON.stringify(body) };
  const response = await fetch(url, sent);
  if (response.status !== 200) {
    throw new Error(`expected 200 of ${url}, got ${response.status}: ${await response.text()}`);
  }
  return response;
}
