/** What blocks do with whole ranges of floats, of which `bytes` is a multiple of 16. */

export function clear(at: usize, bytes: usize): void {
  memory.fill(at, 0, bytes);
}

export function copy(to: usize, from: usize, bytes: usize): void {
  memory.copy(to, from, bytes);
}

/** out += a. */
export function add(out: usize, a: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(out + at, f32x4.add(v128.load(out + at), v128.load(a + at)));
  }
}

/** out = a * b. */
export function multiply(out: usize, a: usize, b: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(out + at, f32x4.mul(v128.load(a + at), v128.load(b + at)));
  }
}
