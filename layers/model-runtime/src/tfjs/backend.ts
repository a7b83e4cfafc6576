import { getBackend, ready, setBackend } from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { TfjsBackend } from '../types.ts';

const NATIVE = '@tensorflow/tfjs-node';
let native: Promise<boolean> | undefined;

/** Selects TF.js's backend, once a thread: `node` where it is installed and loads, else WASM, with a warning that says why. */
export async function useBackend(backend: TfjsBackend): Promise<void> {
  if (backend === 'node' && (await (native ??= useNative(() => import(NATIVE))))) return;
  await useWasm();
}

/** Whether what `load` registers is in use. */
export async function useNative(load: () => Promise<unknown>): Promise<boolean> {
  try {
    await load();
    if (!(await setBackend('tensorflow'))) throw new Error('it registered no backend');
    await ready();
    return true;
  } catch (cause) {
    const [reason] = String(cause).split('\n');
    process.emitWarning(`expected ${NATIVE} for the backend "node", got ${reason}; TF.js runs on WASM`);
    return false;
  }
}

export async function useWasm(): Promise<void> {
  if (getBackend() === 'wasm') return;
  const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
  setWasmPaths(`${join(dirname(manifest), 'dist')}/`);
  await setBackend('wasm');
  await ready();
}
