import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SETTINGS = { TARGET_COLUMNS: ['load', 'flow'], SCALER: 'RobustScaler', SEASONAL_PERIODS: [24, 12] };
const SAME_SETTINGS = '{"SEASONAL_PERIODS":"12,24","SCALER":"RobustScaler",\n"TARGET_COLUMNS":"flow,load"}';

/** Of the rough source, as two files, on any machine, under any version of Node. A change needs another SCHEMA_VERSION. */
const GOLDEN = {
  config_hash: 'c6b179a2e004dafc40e1688c79af0943b38473254fef8a3e60ba1da0162d84c0',
  data_hash: '6bea4df5199a79dd73daa9530465f61d1fe482606a43333031ca1e268b11f7c2',
};
/** What the Parquet files' bytes are depends on the database's version as well, which the lockfile holds. */
const BYTES = ['meta.json', 'report.json', 'scaler.json', 'test.parquet', 'train.parquet'];

interface World {
  readonly TZ: string;
  readonly LC_ALL: string;
  readonly settings: string;
}

describe('the identity of a fixed input', () => {
  let code = '';
  beforeAll(async () => {
    const built = await build({
      absWorkingDir: ROOT,
      entryPoints: ['functions/preprocess/testing/print-identity.ts'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      write: false,
    });
    code = built.outputFiles[0]?.text ?? '';
  });

  const run = async ({ settings, ...environment }: World): Promise<Record<string, unknown>> => {
    const child = spawn(process.execPath, ['--input-type=module', '-'], {
      cwd: ROOT,
      env: { ...process.env, ...environment, SETTINGS: settings },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.end(code);
    return JSON.parse(await text(child.stdout)) as Record<string, unknown>;
  };

  it('is the same whatever the order of keys, the time zone and the locale, and so is every stored byte', async () => {
    const [here, far] = await Promise.all([
      run({ TZ: 'UTC', LC_ALL: 'C', settings: JSON.stringify(SETTINGS) }),
      run({ TZ: 'Pacific/Chatham', LC_ALL: 'de_DE.UTF-8', settings: SAME_SETTINGS }),
    ]);

    expect([here['hours'], far['hours']]).toEqual([0, 12]);
    expect([here['number'], far['number']]).toEqual(['0.5', '0,5']);
    expect(here).toMatchObject(GOLDEN);
    expect(far).toMatchObject(GOLDEN);
    for (const name of BYTES) expect([name, far[name]]).toEqual([name, here[name]]);
  });
});
