import {
  FAST_EXACT_KERNELS,
  FAST_KERNELS,
  type KernelBuild,
} from '../../layers/model-runtime/src/kernels/wasm.ts';

export interface Mode {
  /** The variable that asks for it. */
  readonly label: string;
  readonly build: KernelBuild;
}

/** What both benches measure, those that set flags of V8's last: the flags would speed up the others too. */
export const MODES: readonly Mode[] = [
  { label: '', build: 'kernels' as const },
  { label: ', WIDE_VECTORS', build: FAST_EXACT_KERNELS },
  { label: ', FAST_MATH', build: FAST_KERNELS },
].filter(({ label, build }) => label === '' || build !== 'kernels');
