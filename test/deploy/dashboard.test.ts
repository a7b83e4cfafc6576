import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { createMetrics } from '../../functions/predict/metrics/metrics.ts';
import { readYaml } from './compose-file.ts';

const source = z.object({ uid: z.string() });
const dashboard = z.object({
  panels: z.array(
    z.object({ datasource: source, targets: z.array(z.object({ expr: z.string(), datasource: source })) }),
  ),
});

const FUNCTIONS = ['histogram_quantile'];
const { panels } = dashboard.parse(
  JSON.parse(readFileSync('deploy/grafana/dashboards/predict.json', 'utf8')),
);

/** Names of what a scrape gives; every name of a metric has an underscore, no label here has one. */
function namesIn(expression: string): string[] {
  return (expression.match(/[a-z][a-z0-9]*_[a-z0-9_]+/gu) ?? []).filter((name) => !FUNCTIONS.includes(name));
}

async function servedNames(): Promise<Set<string>> {
  const counted = { queued: 0, active: 0, completed: 0, timeouts: 0, rejectedFull: 0, served: 0 };
  const metrics = createMetrics(() => ({ ...counted, notRecorded: 0 }));
  metrics.request('/predict')(200);
  metrics.modelLoad('loaded');
  const text = await metrics.text();
  return new Set(
    text
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.split(/[{ ]/u)[0] ?? ''),
  );
}

it('shows only metrics that /metrics serves', async () => {
  const served = await servedNames();
  const asked = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => namesIn(expr)));
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.filter((name) => !served.has(name))).toEqual([]);
});

it('shows every metric of the application', async () => {
  const asked = new Set(panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => namesIn(expr))));
  const own = [...(await servedNames())].filter((name) => /^flts_(?!.*_(sum|count)$)/u.test(name));
  expect(own.filter((name) => !asked.has(name))).toEqual([]);
});

it('asks the source of data that is provisioned', () => {
  const uids = panels.flatMap(({ datasource, targets }) => [
    datasource.uid,
    ...targets.map((target) => target.datasource.uid),
  ]);
  expect([...new Set(uids)]).toEqual(['prometheus']);
  expect(readYaml('deploy/grafana/provisioning/datasources/prometheus.yml')).toMatchObject({
    datasources: [{ uid: 'prometheus', type: 'prometheus', url: 'http://127.0.0.1:9090' }],
  });
});
