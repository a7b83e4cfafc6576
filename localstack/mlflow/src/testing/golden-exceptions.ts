// Recordings that are not replayed, and those whose answer differs here, each with the reason.

export const OUT_OF_SUBSET: readonly { readonly names: RegExp; readonly why: string }[] = [
  { names: /^auth-/u, why: 'no accounts: the server is for one developer on 127.0.0.1' },
  { names: /^security-/u, why: 'no check of Host and Origin: nothing but 127.0.0.1 reaches the server' },
  { names: /^(registered-models|model-versions)-/u, why: 'no model registry: promotion lives in S3' },
  {
    names:
      /^(logged-models-|runs-outputs$|runs-get-with-model-outputs|runs-log-batch-metric-with-model-id$)/u,
    why: 'no logged models: a model is a folder of artifacts',
  },
  { names: /^runs-log-inputs-/u, why: 'no datasets of a run' },
  { names: /^runs-log-metric-with-model-id$/u, why: 'needs a logged model' },
  { names: /^artifacts-(multipart|presigned|proxy-presigned)-/u, why: 'bytes go through the proxy alone' },
  { names: /^artifacts-get-artifact-legacy-ui-route$/u, why: 'a route of the web interface' },
  { names: /^direct-/u, why: 'artifacts are always proxied' },
  { names: /^server-info$/u, why: 'of the 3.0 API, which is not offered' },
  { names: /^errors-get-with-json-body$/u, why: 'a GET is read from its query alone' },
  { names: /^filestore-/u, why: "recorded from MLflow's file store; the layout has a test of its own" },
];

/** What the server answers instead. Keys: a recording; `without`: metrics that only the recorded server kept. */
export const DIFFERENT: Readonly<
  Record<
    string,
    { readonly why: string; readonly status?: number; readonly code?: string; readonly without?: string[] }
  >
> = {
  'errors-bad-json': refused("recorded: the database's complaint"),
  'errors-empty-body': refused("recorded: the database's complaint"),
  'errors-json-array-body': refused("recorded: the database's complaint"),
  'runs-create-missing-experiment-id': refused("recorded: the database's complaint"),
  'own: a body that is no JSON': refused('recorded: what the missing field led to'),
  'errors-bad-json-log-batch': refused('recorded: a 500'),
  'errors-json-string-body': refused('recorded: JSON within JSON is read'),
  'artifacts-put-backslash': refused('recorded: a 500'),
  'runs-log-batch-nan-bare-token': refused('recorded: 200, with every metric behind the NaN lost'),
  'runs-log-metric-nan-bare-token': refused('recorded: 200, with 0 stored at time 0'),
  'runs-log-metric-infinity-bare-token': refused('recorded: 200, with 0 stored at time 0'),
  'runs-get-after-odd-batches': { why: 'the batch with a bare NaN was refused', without: ['b1', 'b2'] },
  'runs-get-with-nan-and-infinity': { why: 'bare tokens were refused', without: ['nan_t', 'inf_t'] },
};

function refused(why: string): { why: string; status: number; code: string } {
  return { why, status: 400, code: 'INVALID_PARAMETER_VALUE' };
}

/** These come in the order of ids, which are random here: compared in another order. */
export const TIED: ReadonlySet<string> = new Set([
  'runs-search-filter-metric',
  'runs-search-filter-metric-nan-gt',
  'runs-search-filter-metric-nan-lt',
  'runs-search-filter-metric-nan-ne',
  'artifacts-proxy-list-no-path',
]);
