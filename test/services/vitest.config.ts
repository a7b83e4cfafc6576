import { defineConfig } from 'vitest/config';
import common from '../../vitest.config.ts';

/** The suites that run against the services that the environment names; `npm run test:services` starts these. */
const projects = {
  conformance: [
    'test/services/clients/*.services.ts',
    'localstack/s3/src/conformance/**/*.test.ts',
    'localstack/kafka/src/conformance/**/*.test.ts',
    'localstack/mlflow/src/golden.test.ts',
    'localstack/dlq/run.test.ts',
    'localstack/event-sources/test/{mapping,offline,long-invoke,outage,s3-mapping,settings,soak}.test.ts',
  ],
  pipeline: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts'],
};
const { include: _, ...shared } = common.test ?? {};

export default defineConfig({
  ...common,
  test: {
    ...shared,
    projects: Object.entries(projects).map(([name, include]) => ({
      extends: true,
      // The pipeline's topics and buckets have fixed names: one stack at a time.
      test: { name, include, maxWorkers: name === 'pipeline' ? 1 : 2, sequence: { groupOrder: 1 } },
    })),
  },
});
