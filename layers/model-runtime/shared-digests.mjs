// Digests of the code that families share (src/families/shared-parts.ts): the build and the tests' configuration put them in
// as SHARED_DIGESTS. Comments, types and spacing do not count: what esbuild makes of a file is what is hashed.
import { transformSync } from 'esbuild';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** Folders of each part. */
const PARTS = {
  kernels: ['kernels', 'src/kernels'],
  networks: ['src/networks'],
  windows: ['src/windows', 'src/history'],
  scaling: ['src/scaling'],
  calendar: ['src/calendar'],
  evaluation: ['src/evaluation'],
  statistics: ['src/statistics'],
};

/** @returns {Record<string, string>} what esbuild is given to define, so that a bundle knows them */
export function sharedDigests() {
  const digests = Object.fromEntries(
    Object.entries(PARTS).map(([part, folders]) => [part, digestOf(folders.flatMap(sourcesIn))]),
  );
  return { SHARED_DIGESTS: JSON.stringify(digests) };
}

function sourcesIn(folder) {
  return readdirSync(join(here, folder), { recursive: true })
    .map(String)
    .filter((name) => /\.(?:ts|mjs)$/u.test(name) && !/\.test\.ts$|(?:^|\/)testing\//u.test(name))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .toSorted();
}

function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    // AssemblyScript decorates functions, which TypeScript does not take.
    const source = readFileSync(join(here, file), 'utf8').replaceAll(/^@(\w+)$/gmu, '$1;');
    const { code } = transformSync(source, { loader: 'ts', minify: true });
    hash.update(`${file}\0${code}\0`);
  }
  return hash.digest('hex').slice(0, 16);
}
