import { getBackend, ready, setBackend } from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { RuntimeError } from '../errors.ts';

let selected: Promise<void> | undefined;

/** Selects TF.js's backend once a thread. @throws RuntimeError setting_invalid where `node` is asked for and does not load */
export function useBackend(name: 'wasm' | 'node'): Promise<void> {
  if (getBackend() === (name === 'node' ? 'tensorflow' : 'wasm')) return Promise.resolve();
  selected = name === 'node' ? loadNative() : loadWasm();
  return selected;
}

async function loadWasm(): Promise<void> {
  const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
  setWasmPaths(`${join(dirname(manifest), 'dist')}/`);
  await setBackend('wasm');
  await ready();
}

async function loadNative(): Promise<void> {
  const name = '@tensorflow/tfjs-node';
  try {
    await import(name);
    await setBackend('tensorflow');
  } catch (cause) {
    throw new RuntimeError(
      'setting_invalid',
      `TFJS_BACKEND=node: expected ${name} to load (npm install ${name}), got ${String(cause)}`,
      { cause },
    );
  }
}
