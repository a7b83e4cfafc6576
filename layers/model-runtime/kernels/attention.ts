/**
 * Attention of several heads (Vaswani et al. 2017, without the factor of the scores, which the initial weights of queries
 * have instead, as in Raffel et al. 2020), for each query t and head:
 *   scores[s] = q[t] . k[s]      p = softmax(scores)      c[t] = sum over s of p[s] v[s]
 * Rows are lanes, so all of it is multiplied and added lane by lane. Features of a head follow each other, padded to a
 * multiple of four; keys and values lie in one sequence, [head][feature] of keys, then of values.
 */
import { exponentials } from './activation';
import { featureBytes, halvesEnd, loadRows, storeRows } from './lanes';
import { madd, splat } from './vector';

/** Fields and order as FIELDS in src/kernels/blocks/attention.ts. */
@unmanaged
export class Attention {
  /** Steps that ask, and steps that are asked. */
  queries: usize;
  steps: usize;
  panels: usize;
  lanes: usize;
  heads: usize;
  /** Features of a head. */
  width: usize;
  /** Queries [query][panel][head][width][lanes]; bytes of a panel; dq is laid out alike. */
  q: usize;
  qStride: usize;
  dq: usize;
  /** Keys, then values [step][panel][2][head][width][lanes]; dkv is laid out alike. */
  kv: usize;
  kvStride: usize;
  dkv: usize;
  /** What is answered, laid out as the queries. */
  c: usize;
  dc: usize;
  /** Weights [query][panel][head][step][lanes], and the bytes of a head's. */
  p: usize;
  pBytes: usize;
  /** Room for a head's weights, for each panel. */
  scratch: usize;

  @inline
  qAt(query: usize, panel: usize, head: usize): usize {
    return (query * this.panels + panel) * this.qStride + this.headBytes() * head;
  }

  @inline
  pAt(query: usize, panel: usize, head: usize): usize {
    return this.p + ((query * this.panels + panel) * this.heads + head) * this.pBytes;
  }

  /** The first step's keys of a head; its values lie `heads` heads further. */
  @inline
  kAt(panel: usize, head: usize): usize {
    return panel * this.kvStride + this.headBytes() * head;
  }

  @inline
  headBytes(): usize {
    return this.width * this.lanes * 4;
  }

  /** From a step's keys to the next one's. */
  @inline
  stepBytes(): usize {
    return this.panels * this.kvStride;
  }
}

/** What every query is answered, for panels from <= panel < to. */
export function attentionForward(layer: Attention, from: usize, to: usize): void {
  for (let panel = from; panel < to; panel++) {
    for (let query: usize = 0; query < layer.queries; query++) {
      for (let head: usize = 0; head < layer.heads; head++) {
        if (layer.lanes == 1) attend(1, layer, query, panel, head);
        else attend(8, layer, query, panel, head);
      }
    }
  }
}

@inline
function attend(lanes: usize, layer: Attention, query: usize, panel: usize, head: usize): void {
  const feature = featureBytes(lanes);
  const at = layer.qAt(query, panel, head);
  const p = layer.pAt(query, panel, head);
  const keys = layer.kv + layer.kAt(panel, head);
  for (let half: usize = 0; half < halvesEnd(lanes); half += 16) scores(lanes, layer, layer.q + at + half, keys + half, p + half);
  exponentials(p, p, layer.pBytes);
  const values = keys + layer.heads * layer.headBytes();
  for (let half: usize = 0; half < halvesEnd(lanes); half += 16) {
    let sum = splat(0);
    for (let step: usize = 0; step < layer.steps; step++) sum = f32x4.add(sum, loadRows(lanes, p + half + step * feature));
    const share = f32x4.div(splat(1), sum);
    for (let step: usize = 0; step < layer.steps; step++) {
      const weight = p + half + step * feature;
      storeRows(lanes, weight, f32x4.mul(loadRows(lanes, weight), share));
    }
    for (let d: usize = 0; d < layer.width; d++) {
      let mixed = splat(0);
      let v = values + half + d * feature;
      for (let step: usize = 0; step < layer.steps; step++) {
        mixed = madd(loadRows(lanes, p + half + step * feature), loadRows(lanes, v), mixed);
        v += layer.stepBytes();
      }
      storeRows(lanes, layer.c + at + half + d * feature, mixed);
    }
  }
}

/** The largest score less each one, which softmax takes the exponentials of. */
@inline
function scores(lanes: usize, layer: Attention, q: usize, keys: usize, p: usize): void {
  const feature = featureBytes(lanes);
  let largest = splat(-f32.MAX_VALUE);
  for (let step: usize = 0; step < layer.steps; step++) {
    let score = splat(0);
    for (let d: usize = 0; d < layer.width * feature; d += feature)
      score = madd(loadRows(lanes, q + d), loadRows(lanes, keys + d), score);
    storeRows(lanes, p + step * feature, score);
    largest = f32x4.max(largest, score);
    keys += layer.stepBytes();
  }
  for (let step: usize = 0; step < layer.steps; step++) {
    const at = p + step * feature;
    storeRows(lanes, at, f32x4.sub(largest, loadRows(lanes, at)));
  }
}

/**
 * From dc to dq, and to dk and dv, which are added to what lies there:
 *   dp[s] = dc . v[s]     ds = p (dp - p . dp)     dq = sum of ds[s] k[s]     dk[s] += ds[s] q     dv[s] += p[s] dc
 */
export function attentionBackward(layer: Attention, from: usize, to: usize): void {
  for (let panel = from; panel < to; panel++) {
    for (let query: usize = 0; query < layer.queries; query++) {
      for (let head: usize = 0; head < layer.heads; head++) {
        memory.fill(layer.dq + layer.qAt(query, panel, head), 0, layer.headBytes());
        for (let half: usize = 0; half < 32; half += 16) {
          valueGradients(layer, query, panel, head, half);
          keyGradients(layer, query, panel, head, half);
        }
      }
    }
  }
}

/** dv, and ds in place of p. */
@inline
function valueGradients(layer: Attention, query: usize, panel: usize, head: usize, half: usize): void {
  const dc = layer.dc + layer.qAt(query, panel, head) + half;
  const p = layer.pAt(query, panel, head) + half;
  const dp = layer.scratch + panel * layer.pBytes + half;
  const values = layer.kAt(panel, layer.heads + head) + half;
  let v = layer.kv + values, dv = layer.dkv + values;
  let all = splat(0);
  for (let step: usize = 0; step < layer.steps; step++) {
    const weight = v128.load(p + step * 32);
    let own = splat(0);
    for (let d: usize = 0; d < layer.width * 32; d += 32) {
      const slope = v128.load(dc + d);
      own = madd(slope, v128.load(v + d), own);
      v128.store(dv + d, madd(weight, slope, v128.load(dv + d)));
    }
    v128.store(dp + step * 32, own);
    all = madd(weight, own, all);
    v += layer.stepBytes();
    dv += layer.stepBytes();
  }
  for (let step: usize = 0; step < layer.steps; step++) {
    const at = step * 32;
    v128.store(p + at, f32x4.mul(v128.load(p + at), f32x4.sub(v128.load(dp + at), all)));
  }
}

/** dq and dk from ds, in place of p. */
@inline
function keyGradients(layer: Attention, query: usize, panel: usize, head: usize, half: usize): void {
  const at = layer.qAt(query, panel, head) + half;
  const ds = layer.pAt(query, panel, head) + half;
  const keys = layer.kAt(panel, head) + half;
  let k = layer.kv + keys, dk = layer.dkv + keys;
  for (let step: usize = 0; step < layer.steps; step++) {
    const slope = v128.load(ds + step * 32);
    for (let d: usize = 0; d < layer.width * 32; d += 32) {
      const dq = layer.dq + at + d;
      v128.store(dq, madd(slope, v128.load(k + d), v128.load(dq)));
      v128.store(dk + d, madd(slope, v128.load(layer.q + at + d), v128.load(dk + d)));
    }
    k += layer.stepBytes();
    dk += layer.stepBytes();
  }
}
