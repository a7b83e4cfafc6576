import { describe, expect, it } from 'vitest';
import { FAST_KERNELS, kernelModule, kernelsFor, useWideVectors } from './wasm.ts';

const wide = Number.parseInt(process.versions.v8, 10) >= 13;

describe('which kernels are used', () => {
  it('are those that give the same bits everywhere, but for fast mathematics; wide ones only when asked for', () => {
    expect(kernelsFor({})).toBe('kernels');
    expect(kernelsFor({ fastMath: false })).toBe('kernels');
    expect(kernelsFor({ fastMath: true })).toBe(wide ? 'kernels-wide-fma' : 'kernels-fma');
    useWideVectors();
    expect(kernelsFor({})).toBe(wide ? 'kernels-wide' : 'kernels');
    expect(kernelsFor({ fastMath: true })).toBe(FAST_KERNELS);
  });

  it('are compiled once a thread', () => {
    expect(kernelModule('kernels-wide')).toBe(kernelModule('kernels-wide'));
    expect(kernelModule('kernels-wide')).not.toBe(kernelModule('kernels'));
  });
});
