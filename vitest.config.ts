import { defineConfig } from 'vitest/config';

const conditions = ['source', 'node', 'import', 'default'];

/** Tests run on the TypeScript sources; worker threads and child processes run on dist/, which `pretest` builds. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    pool: 'forks',
    maxWorkers: 2,
    include: [
      'functions/**/*.test.ts',
      'layers/*/src/**/*.test.ts',
      'localstack/**/*.test.ts',
      'test/**/*.test.ts',
    ],
  },
});
