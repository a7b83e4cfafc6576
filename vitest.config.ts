import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { sharedDigests } from './layers/model-runtime/shared-digests.mjs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const conditions = ['source', 'node', 'import', 'default'];

/** Folders whose files take longest: begun last, they would leave all workers but one without work. */
const FIRST = ['test/e2e/', 'test/crash/'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = (file: TestSpecification): number => {
      const path = relative(import.meta.dirname, file.moduleId);
      const place = FIRST.findIndex((folder) => path.startsWith(folder));
      return place === -1 ? FIRST.length : place;
    };
    return (await super.sort(files)).toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}

/** Tests run on the TypeScript sources; worker threads and child processes run on dist/, which `pretest` builds. */
export default defineConfig({
  define: sharedDigests(),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    testTimeout: 20_000,
    hookTimeout: 60_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    pool: 'forks',
    // Three for two cores: the tests of kills wait half of their time, for leases of the dead to expire.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    include: [
      'functions/**/*.test.ts',
      'layers/*/src/**/*.test.ts',
      'localstack/**/*.test.ts',
      'test/**/*.test.ts',
      'generate/**/*.test.ts',
    ],
  },
});
