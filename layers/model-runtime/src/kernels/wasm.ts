import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { RuntimeError } from '../errors.ts';

type Turn = (
  ...of: [
    target: number,
    blockBytes: number,
    source: number,
    stride: number,
    panels: number,
    /** Features, or blocks of four columns. */
    size: number,
  ]
) => void;

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
  readonly convolutionForward: (layer: number, from: number, to: number) => void;
  readonly convolutionBackward: (layer: number, source: number, from: number, to: number) => void;
  readonly convolutionGradient: (
    ...of: [
      layer: number,
      dw: number,
      x: number,
      xBlock: number,
      dy: number,
      yBlock: number,
      from: number,
      to: number,
    ]
  ) => void;
  readonly attentionForward: (layer: number, from: number, to: number) => void;
  readonly attentionBackward: (layer: number, from: number, to: number) => void;
  readonly normalise: (
    ...of: [
      lanes: number,
      panels: number,
      features: number,
      x: number,
      y: number,
      stride: number,
      gamma: number,
      beta: number,
      inverse: number,
    ]
  ) => void;
  readonly normaliseGradient: (
    ...of: [
      panels: number,
      features: number,
      dy: number,
      z: number,
      dx: number,
      dgamma: number,
      stride: number,
      gamma: number,
      inverse: number,
    ]
  ) => void;
  readonly addRectified: (out: number, a: number, b: number, bytes: number) => void;
  readonly add: (out: number, a: number, bytes: number) => void;
  readonly slopes: (out: number, dy: number, y: number, bytes: number) => void;
  readonly weightGradient: (
    ...of: [
      dw: number,
      depth: number,
      rows: number,
      a: number,
      aBlock: number,
      g: number,
      gBlock: number,
      skipped: number,
      from: number,
      to: number,
    ]
  ) => void;
  readonly biasGradient: (
    ...of: [db: number, rows: number, g: number, gBlock: number, from: number, to: number]
  ) => void;
  readonly turnRows: Turn;
  readonly turnGates: Turn;
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
      stepColumns: number,
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
  readonly copy: (to: number, from: number, bytes: number) => void;
  readonly clear: (at: number, bytes: number) => void;
  readonly multiply: (out: number, a: number, b: number, bytes: number) => void;
}

/**
 * Those with `fma` use fused multiply-add where the processor has it, and give other bits where it has not; the others give
 * the same bits everywhere. Those with `wide` are made for V8's vectors of 256 bits, and give the bits of those without.
 */
export type KernelBuild = 'kernels' | 'kernels-wide' | 'kernels-fma' | 'kernels-wide-fma';

/** The first version of V8 (Node 24 has it) that makes vectors of 256 bits out of two of 128, where a flag allows it. */
const WIDE_VECTORS = 13;
const hasWideVectors = Number.parseInt(process.versions.v8, 10) >= WIDE_VECTORS;

/** What is fastest on this version of Node. */
export const FAST_KERNELS: KernelBuild = hasWideVectors ? 'kernels-wide-fma' : 'kernels-fma';

/** What is fastest on this version of Node of what gives the same bits everywhere. */
export const FAST_EXACT_KERNELS: KernelBuild = hasWideVectors ? 'kernels-wide' : 'kernels';

let exactKernels: KernelBuild = 'kernels';

/**
 * From now on what this thread trains or loads may use vectors of 256 bits: faster, with the same bits. No effect before
 * Node 24. It is an experiment of V8's that is switched on for the whole process, so it has to be asked for.
 */
export function useWideVectors(): void {
  exactKernels = FAST_EXACT_KERNELS;
}

/** `fastMath`: whether bits may differ between machines. */
export function kernelsFor({ fastMath = false }: { readonly fastMath?: boolean | undefined }): KernelBuild {
  return fastMath ? FAST_KERNELS : exactKernels;
}

const compiled = new Map<KernelBuild, WebAssembly.Module>();

/**
 * The compiled kernels, once a thread. A module may be handed to other threads. All but `kernels` may set flags of V8's for
 * the whole process, before they are compiled.
 * @throws RuntimeError setting_invalid where this version of Node cannot run them
 */
export function kernelModule(build: KernelBuild = 'kernels'): WebAssembly.Module {
  const known = compiled.get(build);
  if (known !== undefined) return known;
  if (build.includes('wide') && hasWideVectors) setFlagsFromString('--experimental-wasm-revectorize');
  const bytes = readFileSync(createRequire(import.meta.url).resolve(`@flts/model-runtime/${build}.wasm`));
  if (!WebAssembly.validate(bytes)) setFlagsFromString('--experimental-wasm-relaxed-simd');
  if (!WebAssembly.validate(bytes))
    throw new RuntimeError(
      'setting_invalid',
      `expected Node to run ${build}.wasm, got ${process.version} without what it needs (SIMD, threads)`,
    );
  const module = new WebAssembly.Module(bytes);
  compiled.set(build, module);
  return module;
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
