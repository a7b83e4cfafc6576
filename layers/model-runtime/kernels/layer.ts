/**
 * A recurrent layer as it lies in memory. The fields and their order are those of LAYER_FIELDS in src/kernels/blocks/recurrent.ts,
 * which fills them in; addresses and strides are bytes. Every size is a multiple of four; padding is zero throughout.
 *
 * A panel holds `lanes` rows (8, or 1 for a single forecast): [feature][lanes]. Activations are [step][panel][feature][lanes].
 */
@unmanaged
export class Layer {
  /** Steps of the window. */
  steps: usize;
  /** Panels of a whole batch. */
  panels: usize;
  lanes: usize;
  /** 1 where every step keeps its own gates and s, for a backward pass or a single row; 0 where all steps use the same. */
  keep: usize;
  inputs: usize;
  units: usize;
  /** Inputs [step][panel][inputs][lanes], and the bytes of a panel. */
  x: usize;
  xStride: usize;
  /** Outputs h [step][panel][units][lanes]; dh and s are laid out alike. */
  h: usize;
  hStride: usize;
  /** Gates [step][panel][gate][units][lanes]: first as activations, then as gradients of what went into them. */
  g: usize;
  gStride: usize;
  /** GRU: reset gate times the h before. LSTM: the cell. */
  s: usize;
  /** Gradient with respect to h. */
  dh: usize;
  /** Gradient with respect to x, laid out as x; 0 where nothing asks for it. */
  dx: usize;
  /** One panel of h's size for each panel: what a step of the backward pass needs beside. */
  scratch: usize;
  /** A panel of zeros: the state before the first step. */
  zeros: usize;
  /** Weights [gate column / 4][inputs or units][4] (of a single row: product.ts) and biases [gate column]. */
  w: usize;
  u: usize;
  b: usize;
  /** The same weights for the backward products: [inputs or units / 4][gate column][4]. */
  wBack: usize;
  uBack: usize;
  /** Bytes from a weight to its gradient. */
  toGradient: usize;

  @inline
  hAt(step: usize, panel: usize): usize {
    return (step * this.panels + panel) * this.hStride;
  }

  @inline
  sAt(step: usize, panel: usize): usize {
    return this.s + (step * this.keep * this.panels + panel) * this.hStride;
  }

  @inline
  gAt(step: usize, panel: usize): usize {
    return this.g + (step * this.keep * this.panels + panel) * this.gStride;
  }

  @inline
  xAt(step: usize, panel: usize): usize {
    return (step * this.panels + panel) * this.xStride;
  }

  /** Bytes of one gate in a panel. */
  @inline
  gateBytes(): usize {
    return this.units * this.lanes * 4;
  }
}
