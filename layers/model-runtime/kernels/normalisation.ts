/**
 * Layer normalisation (Ba et al. 2016) of each step of each row, over its n features:
 *   z = (x - mean) / sqrt(variance + 0.001)      y = gamma z + beta
 * x, z and y are [panel][feature][lanes]; what pads the features of x, gamma and beta stays zero.
 */
import { featureBytes, halvesEnd, loadRows, storeRows } from './lanes';
import { madd, splat } from './vector';

/** Keras' own. */
const EPSILON: f32 = 0.001;

/** z in place of x, and y, of so many panels `stride` bytes apart; `inverse` [panel][lanes] gets 1 / sqrt(variance + 0.001). */
export function normalise(lanes: usize, panels: usize, features: usize, x: usize, y: usize, stride: usize, gamma: usize, beta: usize, inverse: usize): void {
  for (let panel: usize = 0; panel < panels; panel++) {
    if (lanes == 1) normalisePanel(1, features, x, y, gamma, beta, inverse);
    else normalisePanel(8, features, x, y, gamma, beta, inverse);
    x += stride;
    y += stride;
    inverse += lanes * 4;
  }
}

@inline
function normalisePanel(lanes: usize, features: usize, x: usize, y: usize, gamma: usize, beta: usize, inverse: usize): void {
  const step = featureBytes(lanes);
  const n = splat(<f32>features);
  for (let half: usize = 0; half < halvesEnd(lanes); half += 16) {
    let sum = splat(0);
    for (let at: usize = 0; at < features * step; at += step) sum = f32x4.add(sum, loadRows(lanes, x + half + at));
    const mean = f32x4.div(sum, n);
    let squares = splat(0);
    for (let at: usize = 0; at < features * step; at += step) {
      const d = f32x4.sub(loadRows(lanes, x + half + at), mean);
      squares = madd(d, d, squares);
    }
    const root = f32x4.sqrt(f32x4.add(f32x4.div(squares, n), splat(EPSILON)));
    const factor = f32x4.div(splat(1), root);
    storeRows(lanes, inverse + half, factor);
    for (let feature: usize = 0; feature < features; feature++) {
      const at = half + feature * step;
      const z = f32x4.mul(f32x4.sub(loadRows(lanes, x + at), mean), factor);
      storeRows(lanes, x + at, z);
      storeRows(lanes, y + at, madd(z, v128.load_splat<f32>(gamma + feature * 4), v128.load_splat<f32>(beta + feature * 4)));
    }
  }
}

/**
 * From dy: dx = (g - mean of g - z x mean of g z) / sqrt(variance + 0.001), where g = dy gamma, and dgamma = dy z of each row.
 */
export function normaliseGradient(panels: usize, features: usize, dy: usize, z: usize, dx: usize, dgamma: usize, stride: usize, gamma: usize, inverse: usize): void {
  const n = splat(<f32>features);
  for (let panel: usize = 0; panel < panels; panel++) {
    for (let half: usize = 0; half < 32; half += 16) {
      let sum = splat(0), along = splat(0);
      for (let feature: usize = 0; feature < features; feature++) {
        const at = half + feature * 32;
        const g = f32x4.mul(v128.load(dy + at), v128.load_splat<f32>(gamma + feature * 4));
        sum = f32x4.add(sum, g);
        along = madd(g, v128.load(z + at), along);
      }
      const mean = f32x4.div(sum, n), slope = f32x4.div(along, n);
      const factor = v128.load(inverse + half);
      for (let feature: usize = 0; feature < features; feature++) {
        const at = half + feature * 32;
        const d = v128.load(dy + at), own = v128.load(z + at);
        const g = f32x4.sub(f32x4.mul(d, v128.load_splat<f32>(gamma + feature * 4)), mean);
        v128.store(dx + at, f32x4.mul(f32x4.sub(g, f32x4.mul(own, slope)), factor));
        v128.store(dgamma + at, f32x4.mul(d, own));
      }
    }
    dy += stride;
    z += stride;
    dx += stride;
    dgamma += stride;
    inverse += 32;
  }
}
