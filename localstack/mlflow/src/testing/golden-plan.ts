// Which recordings are replayed, in an order in which their answers can come again.
import { AT, compared, LATEST_RULE, NAN_RUN, point, R2, searched, type Setup } from './golden-setup.ts';

/** A recording's name, or what happened between two of them. */
export type Step = Setup | string;

function named(group: string, names: string): string[] {
  return names
    .trim()
    .split(/\s+/u)
    .map((name) => `${group}-${name}`);
}

const EXPERIMENTS: readonly Step[] = [
  { experiment: '1', name: 'flts' },
  ...named(
    'experiments',
    `
    create-new create-already-exists create-empty-name create-missing-name create-unknown-field-ignored
    get-found get-not-found get-by-name-found get-by-name-missing-parameter get-by-name-not-found
    search-all search-get-method search-page-1 search-page-2 search-filter-name-like
    search-max-results-too-large search-missing-max-results
    `,
  ),
];

const RUNS: readonly Step[] = [
  ...named(
    'runs',
    `
    create get-found get-legacy-run-uuid get-invalid-run-id get-missing-run-id get-not-found
    create-minimal create-start-time-as-string create-wrong-type create-experiment-id-as-number
    create-experiment-not-found create-missing-experiment-id
    `,
  ),
];

const FIELDS: readonly Step[] = [
  ...named(
    'runs',
    `
    log-parameter log-parameter-same-value-again log-parameter-changed-value log-parameter-bad-key-chars
    log-parameter-key-251-chars log-parameter-missing-key log-parameter-missing-value
    log-parameter-empty-value log-parameter-value-as-number
    `,
  ),
  ...[1.5, 0.9, 0.7].map((value, step) => ({
    post: 'runs/log-metric',
    body: { run_id: '9d73dc6b6f6d44a9aa69ff0b8a661c00', ...point('rmse', value, step, AT + step) },
  })),
  ...named(
    'runs',
    `
    log-metric log-metric-duplicate-point log-metric-without-step log-metric-int64-as-strings
    log-metric-negative-step log-metric-missing-timestamp log-metric-missing-value
    log-metric-value-string-not-number
    `,
  ),
  ...named(
    'metrics',
    `
    get-history get-history-page-1 get-history-page-2 get-history-duplicate-point
    get-history-missing-metric get-history-missing-parameter get-history-run-not-found
    `,
  ),
];

const BATCHES: readonly Step[] = [
  ...named(
    'runs',
    `
    log-batch log-batch-param-changed get-after-failed-batch log-batch-run-not-found
    log-batch-1000-metrics-ok log-batch-1001-metrics log-batch-101-params log-batch-101-tags
    log-batch-total-over-1000 log-batch-duplicate-param-keys log-batch-empty
    log-batch-metric-missing-timestamp
    `,
  ),
  // Left behind by a batch that names an unknown logged model.
  { post: 'runs/log-metric', body: { run_id: R2, ...point('mm', 1) } },
];

const LIFE: readonly Step[] = [
  ...named(
    'runs',
    `
    set-tag set-tag-overwrite set-tag-missing-value delete-tag delete-tag-missing update-finished
    update-not-found log-metric-on-finished-run update-failed update-bad-status update-rename delete
    delete-again delete-not-found get-deleted log-metric-on-deleted-run search-deleted-only restore
    restore-active-run
    `,
  ),
];

const SEARCHES: readonly Step[] = [
  ...searched('s0', 'f10ba9852cda45d18e6d24b50f27413b', 0, 0.5),
  ...searched('s1', '4d56ba6da17f4e5cb8513910720afc47', 0.5, 0.8),
  ...searched('s2', '713281b83e0744bd81c2aeacd0549d89', 1, 1.1),
  ...searched('s3', 'a4056f9e08234b6d9b54509cedb7e2cc', 0.5, 1.4),
  ...named(
    'runs',
    `
    search-bad-page-token search-default-max-results search-filter-and search-filter-bad-attribute
    search-filter-bad-entity search-filter-bare-key search-filter-double-quotes
    search-filter-escaped-quote search-filter-garbage search-filter-ilike search-filter-like
    search-filter-metric search-filter-metric-quoted-rejected search-filter-metric-string-op-rejected
    search-filter-not-rejected search-filter-or-rejected search-filter-param
    search-filter-param-in-rejected search-filter-param-is-not-null search-filter-parentheses-rejected
    search-filter-run-id-in search-filter-start-time search-filter-start-time-quoted-rejected
    search-filter-status search-filter-status-in search-filter-tag-backtick-dotted
    search-filter-tag-dotted-unquoted search-filter-tag-is-null search-filter-unquoted-string-rejected
    search-max-results-0 search-max-results-50001 search-no-experiment-ids search-no-match
    search-order-by search-order-by-bad-attribute search-order-by-bad-direction search-page-1
    search-page-2 search-page-3-last search-unknown-experiment
    `,
  ),
];

const NUMBERS: readonly Step[] = [
  { run: LATEST_RULE, body: { experiment_id: '5', run_name: 'latest-rule', start_time: AT } },
  ...(
    [
      [2, 3, AT + 1000],
      [1, 5, AT],
      [3, 5, AT - 1000],
      [0.5, 5, AT],
    ] as const
  ).map(([value, step, timestamp]) => ({
    post: 'runs/log-metric',
    body: { run_id: LATEST_RULE, ...point('k', value, step, timestamp) },
  })),
  'runs-get-latest-metric-rule',
  'metrics-get-history-unordered-writes',
  ...named(
    'runs',
    `
    log-batch-nan-bare-token log-batch-nan-string log-batch-one-metric-bad-key log-batch-value-null
    get-after-odd-batches
    `,
  ),
  { experiment: '8', name: 'odd numbers' },
  { run: NAN_RUN, body: { experiment_id: '8', run_name: 'nan', start_time: AT } },
  ...named(
    'runs',
    `
    log-metric-nan-string log-metric-nan-bare-token log-metric-infinity-string
    log-metric-infinity-bare-token log-metric-minus-infinity-string log-metric-value-null
    `,
  ),
  'metrics-get-history-nan',
  'runs-get-with-nan-and-infinity',
  { experiment: '9', name: 'nanorder1795444602134' },
  ...compared('one', 'b3ad21c72909463fa902a6830747af2c', 1),
  ...compared('minus', '1111c14290eb4b2db578d98260dc4232', -5),
  ...compared('inf', 'c2c0c5690e2b4052ba8871e2e1651b9d', 'Infinity'),
  ...compared('nan', '034d886c65ae4f688aeba533c001642d', 'NaN'),
  ...compared('none', 'c52fe892c77045cf9fa6f8c907a10662'),
  ...named(
    'runs',
    `
    search-filter-metric-nan-gt search-filter-metric-nan-lt search-filter-metric-nan-ne
    search-order-by-metric-with-nan-asc search-order-by-metric-with-nan-desc
    `,
  ),
];

const ERRORS: readonly Step[] = [
  ...named(
    'errors',
    `
    ajax-api-alias-works api-3-runs-create api-preview-alias bad-json-create-experiment
    bad-json-log-batch bad-json camel-case-fields content-type-with-charset duplicate-alias-fields
    empty-body json-array-body json-string-body no-content-type null-field put-method trailing-slash
    unknown-endpoint-get unknown-endpoint unknown-root-path wrong-content-type-form
    wrong-content-type-text wrong-method
    `,
  ),
  'health',
  'version',
];

const DELETED: readonly Step[] = [
  ...named(
    'experiments',
    `
    delete get-by-name-deleted create-name-of-deleted
    `,
  ),
  'runs-create-in-deleted-experiment',
  ...named(
    'experiments',
    `
    restore set-experiment-tag
    `,
  ),
];

const QUOTES: readonly Step[] = [
  { experiment: '16', name: 'quotes' },
  {
    run: '7752b77af9a047e1a2ad254b48b1a73b',
    body: {
      experiment_id: '16',
      run_name: 'q',
      start_time: AT,
      tags: [
        { key: 'my key/x', value: "it's" },
        { key: 'both', value: `a'b"c` },
      ],
    },
  },
  ...named(
    'runs',
    `
    search-filter-attribute-run-name-alias search-filter-case-sensitive-equals
    search-filter-duration-attribute search-filter-key-in-double-quotes
    search-filter-key-with-space-unquoted search-filter-not-equal-missing-param
    search-filter-number-negative search-filter-number-scientific search-filter-param-less-than-rejected
    search-filter-quote-backslash search-filter-quote-doubled search-filter-quote-inside-double-quotes
    search-filter-semicolon search-filter-trailing-and
    `,
  ),
  { run: '43175d713a8a40aaaa123b4cf4c6e777', body: { experiment_id: '16' } },
  ...named(
    'runs',
    `
    log-parameter-value-6000-chars log-parameter-value-6001-chars set-tag-value-8001-chars
    log-batch-over-1-mb
    `,
  ),
];

const ARTIFACTS: readonly Step[] = [
  { put: '1/another-run/artifacts/x.txt' },
  ...named(
    'artifacts',
    `
    put-text put-binary put-empty-body put-json-subfolder put-name-with-space-plus-unicode
    put-double-encoded-percent put-no-content-type put-overwrite put-unknown-run-prefix put-absolute
    put-backslash put-hash-in-name put-path-traversal-double-encoded put-path-traversal-encoded
    put-path-traversal-plain put-trailing-slash list-root list-subfolder list-odd-names list-file
    list-missing-folder list-models-folder list-run-not-found list-run-without-artifacts list-traversal
    proxy-list-file proxy-list-missing proxy-list-no-path proxy-list-root proxy-list-subfolder
    proxy-list-traversal get-binary get-folder get-json get-missing get-odd-name
    get-path-traversal-double-encoded get-path-traversal-encoded get-range-ignored get-text head
    delete-file delete-file-again delete-folder list-after-delete
    `,
  ),
  { run: '2c50eea285ae47bc9a062c4a9cfb3bd9', body: { experiment_id: '0' } },
  { stop: 's3' },
  ...named(
    'artifacts',
    `
    get-object-store-down list-object-store-down put-object-store-down
    `,
  ),
];

export const PLAN: readonly Step[] = [
  ...EXPERIMENTS,
  ...RUNS,
  ...FIELDS,
  ...BATCHES,
  ...LIFE,
  ...SEARCHES,
  ...NUMBERS,
  ...ERRORS,
  ...DELETED,
  ...QUOTES,
  ...ARTIFACTS,
];
