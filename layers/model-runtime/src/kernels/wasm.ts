import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Functions of kernels/index.ts; every argument is a size, or an address or stride in bytes, if not said otherwise there. */
export interface Kernels {
  readonly product: (
    ...of: [
      lanes: number,
      panels: number,
      columnBlocks: number,
      depth: number,
      out: number,
      outStride: number,
      bias: number,
      a: number,
      aStride: number,
      w: number,
      wStride: number,
    ]
  ) => void;
  readonly gruForward: (layer: number, from: number, to: number) => void;
  readonly gruBackward: (layer: number, from: number, to: number) => void;
  readonly lstmForward: (layer: number, from: number, to: number) => void;
  readonly lstmBackward: (layer: number, from: number, to: number) => void;
  readonly weightGradient: (
    ...of: [
      dw: number,
      depth: number,
      panels: number,
      a: number,
      aStride: number,
      g: number,
      gStride: number,
      from: number,
      to: number,
    ]
  ) => void;
  readonly biasGradient: (
    ...of: [db: number, panels: number, g: number, gStride: number, from: number, to: number]
  ) => void;
  readonly squares: (values: number, bytes: number) => number;
  readonly adam: (
    ...of: [
      step: number,
      scale: number,
      decay: number,
      w: number,
      bytes: number,
      toGradient: number,
      toM: number,
      toV: number,
    ]
  ) => void;
  readonly repack: (
    ...of: [back: number, w: number, depth: number, columns: number, from: number, to: number]
  ) => void;
  readonly loss: (
    ...of: [kind: number, y: number, truth: number, columns: number, rows: number, scale: number]
  ) => number;
  readonly gatherWindows: (
    ...of: [
      x: number,
      stride: number,
      steps: number,
      panels: number,
      series: number,
      features: number,
      origins: number,
      count: number,
      from: number,
      to: number,
    ]
  ) => void;
  readonly gatherTargets: (
    ...of: [
      truth: number,
      stride: number,
      horizon: number,
      targets: number,
      series: number,
      features: number,
      origins: number,
      count: number,
      from: number,
      to: number,
    ]
  ) => void;
  readonly dropoutMask: (
    ...of: [mask: number, count: number, first: number, key: number, threshold: number, scale: number]
  ) => void;
  readonly multiply: (out: number, a: number, b: number, bytes: number) => void;
}

let compiled: WebAssembly.Module | undefined;

/** The compiled kernels, once a thread. A module may be handed to other threads. */
export function kernelModule(): WebAssembly.Module {
  if (compiled === undefined) {
    const file = createRequire(import.meta.url).resolve('@flts/model-runtime/kernels.wasm');
    compiled = new WebAssembly.Module(readFileSync(file));
  }
  return compiled;
}

const PAGE = 65_536;

/** Memory of at least so many bytes that threads can share, all of it zero. @throws RangeError where the machine has not as much */
export function kernelMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports as unknown as Kernels;
}
