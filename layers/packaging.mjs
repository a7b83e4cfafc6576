// A Serverless plugin: stages the model-runtime layer before it is packaged, and lets `sls package` do without AWS.
import { cpSync, existsSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const staged = join(root, 'layers/dist/nodejs/node_modules');
/** What handlers import and no bundle can hold; Lambda runs on Linux with glibc, whatever this machine runs on. */
const contents = ['@flts/model-runtime', '@duckdb/node-bindings', '@duckdb/node-bindings-linux-x64'];
/** Left out: what nothing reads at run time. */
const unread = /\.map$|\.d\.[cm]?ts$|\.tsbuildinfo$|\/(src|test|tests|docs|coverage|\.bin)$/;

export default class Packaging {
  constructor(serverless, _options, { log }) {
    this.hooks = {
      'before:package:createDeploymentArtifacts': () => stageLayer(),
      'before:package:compileLayers': () => toleratingNoAws(serverless, log),
    };
  }
}

/** Copies the layer's packages and all that they depend on, as files without a link. */
function stageLayer() {
  rmSync(dirname(staged), { recursive: true, force: true });
  const seen = new Set();
  for (const name of contents) stagePackage(name, root, seen);
}

function stagePackage(name, from, seen) {
  const folder = findPackage(name, from);
  if (folder === undefined) throw notInstalled(name);
  const target = join(staged, relative(join(root, 'node_modules'), folder));
  if (seen.has(target)) return;
  seen.add(target);
  const source = realpathSync(folder);
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  const isRead = (path) => !unread.test(path) && path !== join(source, 'node_modules');
  for (const entry of ['package.json', ...(name.startsWith('@flts/') ? manifest.files : ['.'])])
    cpSync(join(source, entry), join(target, entry), { recursive: true, dereference: true, filter: isRead });
  for (const dependency of Object.keys(manifest.dependencies ?? {})) stagePackage(dependency, folder, seen);
}

/** As Node looks for it: in node_modules beside `from`, then further up. */
function findPackage(name, from) {
  for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return found;
  }
  return undefined;
}

function notInstalled(name) {
  return new Error(
    `expected ${name} for the layer, got none; npm ci, or on another system npm i --no-save --force ${name}`,
  );
}

/** Without credentials nobody can say whether the layer that is deployed is the same: then it is deployed again. */
function toleratingNoAws(serverless, log) {
  const compiler = serverless.pluginManager.plugins.find(
    ({ constructor }) => constructor.name === 'AwsCompileLayers',
  );
  const compare = compiler.compareWithLastLayer.bind(compiler);
  compiler.compareWithLastLayer = async (name) => {
    try {
      await compare(name);
    } catch ({ message }) {
      log.notice(`layer ${name} is not compared with the deployed one: ${message}`);
    }
  };
}
