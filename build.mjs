// Builds everything that runs: each workspace package's entries (the `source` conditions of its exports), and
// one bundle a handler. Packages that are native, find files beside themselves, or come with the layer stay external;
// the rest goes in, the AWS SDK too: read as one file it loads in half the time. Types are checked by `npm run check`.
import { build } from 'esbuild';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { sharedDigests } from './layers/model-runtime/shared-digests.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const LAYER = 'layers/model-runtime';
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  sourcemap: 'linked',
  define: sharedDigests(),
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

/** -O1, since more of it sinks the kernels' sums out of the processor's registers. */
const kernelOptions = ['-O1', '--runtime', 'stub', '--noAssert', '--importMemory', '--sharedMemory'].concat([
  '--initialMemory',
  '1',
  '--maximumMemory',
  '65536',
]);
const simd = 'simd,threads,bulk-memory';
/**
 * The same sources four times. With FMA (relaxed SIMD) they are faster, but not the same to the last bit everywhere; `wide`
 * is for vectors of 256 bits (kernels/tile.mjs).
 */
const kernelBuilds = {
  'kernels.wasm': { features: simd, wide: false },
  'kernels-wide.wasm': { features: simd, wide: true },
  'kernels-fma.wasm': { features: `${simd},relaxed-simd`, wide: false },
  'kernels-wide-fma.wasm': { features: `${simd},relaxed-simd`, wide: true },
};

/** kernels/*.ts are AssemblyScript: files for dist. Compiled anew only where a source changed, since it takes seconds. */
async function compileKernels(folder) {
  const sources = join(root, folder, 'kernels');
  if (!existsSync(sources)) return {};
  const files = readdirSync(sources).map((name) => join(sources, name));
  const changedAt = Math.max(...[join(root, 'build.mjs'), ...files].map((file) => statSync(file).mtimeMs));
  const compiled = {};
  const { tileSource } = await import(pathToFileURL(join(sources, 'tile.mjs')).href);
  for (const [name, { features, wide }] of Object.entries(kernelBuilds)) {
    const built = join(root, folder, 'dist', name);
    const fresh = existsSync(built) && statSync(built).mtimeMs > changedAt;
    compiled[name] = fresh ? readFileSync(built) : await compileKernel(sources, features, tileSource(wide));
  }
  return compiled;
}

async function compileKernel(sources, features, tiles) {
  const { main } = await import('assemblyscript/asc');
  let wasm;
  const { error } = await main(['index.ts', '-o', 'kernels.wasm', '--enable', features, ...kernelOptions], {
    readFile: (name, base) => {
      const file = join(sources, base === '.' ? '' : base, name);
      if (file === join(sources, 'tile.ts')) return tiles;
      return existsSync(file) ? readFileSync(file, 'utf8') : null;
    },
    writeFile: (_name, contents) => void (wasm = contents),
    listFiles: () => [],
    stderr: process.stderr,
  });
  if (error) throw new Error(`${sources}: expected AssemblyScript that compiles`, { cause: error });
  return wasm;
}

async function buildPackage(folder) {
  const entryPoints = packageEntries(folder);
  if (entryPoints.length === 0) return undefined;
  const kernels = await compileKernels(folder);
  rmSync(join(root, folder, 'dist'), { recursive: true, force: true });
  const { metafile } = await build({
    ...common,
    entryPoints,
    outdir: join(root, folder, 'dist'),
    splitting: true,
    packages: 'external',
    metafile: true,
  });
  for (const [name, wasm] of Object.entries(kernels)) writeFileSync(join(root, folder, 'dist', name), wasm);
  return metafile;
}

function handlers() {
  return readdirSync(join(root, 'functions'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'functions', entry.name, 'handler.ts')))
    .map((entry) => ({
      in: join(root, 'functions', entry.name, 'handler.ts'),
      out: `functions/${entry.name}/handler`,
    }));
}

/** Commands that read through functions/shared, for people. */
function commands() {
  return [{ in: join(root, 'functions/lineage/cli.ts'), out: 'functions/lineage/cli' }];
}

/**
 * Handlers import the layer's package where NODE_PATH, which Lambda sets, or node_modules has it: an import of an ES
 * module alone does not look at NODE_PATH.
 */
function fromLayer({ outputs }) {
  const contents = (specifier) => `
    import { createRequire as createLayerRequire } from 'node:module';
    import { pathToFileURL } from 'node:url';
    const place = createLayerRequire(import.meta.url).resolve('${specifier}');
    export const { ${exportsOf[specifier].join(', ')} } = await import(pathToFileURL(place).href);`;
  const exportsOf = {
    '@flts/model-runtime': outputs[`${LAYER}/dist/index.js`].exports,
    '@flts/model-runtime/families': outputs[`${LAYER}/dist/families.js`].exports,
  };
  return {
    name: 'from-layer',
    setup(bundling) {
      const filter = /^@flts\/model-runtime(?:\/families)?$/;
      bundling.onResolve({ filter }, ({ path }) => ({ path, namespace: 'layer' }));
      bundling.onLoad({ filter, namespace: 'layer' }, ({ path }) => ({
        contents: contents(path),
        loader: 'js',
      }));
    },
  };
}

async function buildFunctions(layer) {
  await build({
    ...common,
    banner,
    plugins: [fromLayer(layer)],
    entryPoints: [...handlers(), ...commands()],
    outdir: join(root, 'dist'),
    minifyWhitespace: true,
    external: ['@duckdb/node-bindings*'],
  });
}

/** Of the layer's sources, what nothing is used of is left out, with all that it would import. */
const usedAlone = {
  name: 'used-alone',
  setup(bundling) {
    bundling.onResolve({ filter: /.*/ }, async ({ path, pluginData, ...place }) => {
      const ofLayer = path === '@flts/model-runtime' || place.importer.startsWith(join(root, LAYER));
      if (pluginData === usedAlone || !ofLayer) return undefined;
      return { ...(await bundling.resolve(path, { ...place, pluginData: usedAlone })), sideEffects: false };
    });
  },
};

/** Threads of functions. They hold of the layer's package what they use alone: less to load, and for the collector to go through. */
async function buildThreads() {
  await build({
    ...common,
    entryPoints: [
      {
        in: join(root, 'functions/preprocess/threads/column-worker.ts'),
        out: 'functions/preprocess/column-worker',
      },
    ],
    outdir: join(root, 'dist'),
    conditions: ['source'],
    plugins: [usedAlone],
    minifyWhitespace: true,
  });
}

async function buildStart() {
  const start = join(root, 'localstack/start.ts');
  if (!existsSync(start)) return;
  const entryPoints = [
    { in: start, out: 'localstack/start' },
    { in: join(root, 'deploy/create/cli.ts'), out: 'deploy/create' },
    { in: join(root, 'localstack/start/exit-with-parent.ts'), out: 'localstack/exit-with-parent' },
  ];
  await build({ ...common, entryPoints, outdir: join(root, 'dist'), packages: 'external' });
}

/** `node build.mjs bench/train` builds that beside the rest. */
async function buildNamed(names) {
  if (names.length === 0) return;
  await build({
    ...common,
    entryPoints: names.map((name) => ({ in: join(root, `${name}.ts`), out: name })),
    outdir: join(root, 'dist'),
    packages: 'external',
  });
}

/** `npm run dlq` builds itself alone, since functions may be running from the rest of dist/. */
async function buildDlq() {
  const entryPoints = [{ in: join(root, 'localstack/dlq/cli.ts'), out: 'localstack/dlq' }];
  await build({ ...common, entryPoints, outdir: join(root, 'dist'), packages: 'external' });
}

async function buildAll() {
  const layer = buildPackage(LAYER);
  const others = workspaceFolders().filter((folder) => folder !== LAYER);
  await Promise.all([
    ...others.map(buildPackage),
    layer.then(buildFunctions),
    buildThreads(),
    buildStart(),
    buildDlq(),
    buildNamed(process.argv.slice(2)),
  ]);
}

await (process.argv[2] === 'dlq' ? buildDlq() : buildAll());
