// Builds everything that runs: each workspace package's entries (the `source` conditions of its exports), and
// one bundle a handler. Third-party packages that are native, find files beside themselves, or come with the
// Lambda runtime or layer stay external. Types are checked by `npm run check`, not here.
import { build } from 'esbuild';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  sourcemap: 'linked',
  logLevel: 'warning',
};
// Some bundled CommonJS packages call require(); ES modules have none of their own.
const banner = {
  js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
};

function workspaceFolders() {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return workspaces;
}

function packageEntries(folder) {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  return Object.values(manifest.exports)
    .filter((entry) => entry.source && existsSync(join(root, folder, entry.source)))
    .map((entry) => ({
      in: join(root, folder, entry.source),
      out: entry.default.replace('./dist/', '').replace(/\.js$/, ''),
    }));
}

async function buildPackage(folder) {
  const entryPoints = packageEntries(folder);
  if (entryPoints.length === 0) return;
  rmSync(join(root, folder, 'dist'), { recursive: true, force: true });
  await build({
    ...common,
    entryPoints,
    outdir: join(root, folder, 'dist'),
    splitting: true,
    packages: 'external',
  });
}

function handlers() {
  return readdirSync(join(root, 'functions'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'functions', entry.name, 'handler.ts')))
    .map((entry) => ({
      in: join(root, 'functions', entry.name, 'handler.ts'),
      out: `functions/${entry.name}/handler`,
    }));
}

async function buildFunctions() {
  await build({
    ...common,
    banner,
    entryPoints: handlers(),
    outdir: join(root, 'dist'),
    minifyWhitespace: true,
    external: ['@aws-sdk/*', '@smithy/*', '@flts/*', '@duckdb/*', 'piscina'],
  });
}

async function buildStart() {
  const start = join(root, 'localstack/start.ts');
  if (!existsSync(start)) return;
  const entryPoints = [
    { in: start, out: 'localstack/start' },
    { in: join(root, 'localstack/start/exit-with-parent.ts'), out: 'localstack/exit-with-parent' },
  ];
  await build({ ...common, entryPoints, outdir: join(root, 'dist'), packages: 'external' });
}

await Promise.all([...workspaceFolders().map(buildPackage), buildFunctions(), buildStart()]);
