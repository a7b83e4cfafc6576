import { getBackend, ready, setBackend } from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Selects TF.js's WASM backend, once a thread. */
export async function useWasm(): Promise<void> {
  if (getBackend() === 'wasm') return;
  const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
  setWasmPaths(`${join(dirname(manifest), 'dist')}/`);
  await setBackend('wasm');
  await ready();
}
