import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { RUNTIME_VERSION } from './index.ts';

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

describe('the package', () => {
  it('can be required as built, as tools do that load a handler so', async () => {
    // A module with an await at top level cannot; none may be loaded before it is needed.
    const script = `process.stdout.write(typeof require(${JSON.stringify(file('../dist/index.js'))}).trainModel)`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
    expect(stdout).toBe('function');
  });

  it('names its own version, by which finished runs are reused', async () => {
    const { version } = JSON.parse(await readFile(file('../package.json'), 'utf8'));
    expect(RUNTIME_VERSION).toBe(version);
  });
});
