import { describe, expect, it } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from './format.ts';
import { readCheckpoint } from './read-checkpoint.ts';

const progress = { epochs: 9, batch: 3, batches: 3, loss: 0.25, valLoss: 0.5, rowsPerSecond: 10, etaS: 7 };
const checkpoint: Checkpoint = {
  header: {
    fingerprint: 'of data and settings',
    label: 'a run — ü',
    epoch: 2,
    batch: 1,
    loss_sum: 0.1 + 0.2,
    step: 7,
    generator: 2 ** 32 - 1,
    best_epoch: 1,
    best_loss: 0.5,
    history: [
      { epoch: 1, ...progress },
      { epoch: 2, ...progress, valLoss: null },
    ],
  },
  arrays: [
    { name: 'order', shape: [3], values: Uint32Array.of(2, 0, 4_000_000_000) },
    { name: 'w', shape: [2, 2], values: Float32Array.of(0.1, -0, 1e-45, 3e38) },
  ],
};

describe('a checkpoint in bytes', () => {
  it('is read as it was written, to the bit', () => {
    const decoded = decodeCheckpoint(encodeCheckpoint(checkpoint));
    expect(decoded).toEqual(checkpoint);
    expect(Object.is(decoded.arrays[1]?.values[1], -0)).toBe(true);
    expect(encodeCheckpoint(decoded)).toEqual(encodeCheckpoint(checkpoint));
  });

  it('says what it is to whoever holds it', () => {
    const { label, epoch, batch, history } = checkpoint.header;
    expect(readCheckpoint(encodeCheckpoint(checkpoint))).toEqual({ label, epoch, batch, history });
  });

  it('with any byte changed is refused', () => {
    const bytes = encodeCheckpoint(checkpoint);
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      expect(() => decodeCheckpoint(damaged), `byte ${at}`).toThrow(
        expect.objectContaining({ code: 'checkpoint_invalid', retryable: false }),
      );
    }
  });

  it.each([0, 8, 43, 44, 200, -1])('cut to %i bytes is refused', (length) => {
    const bytes = encodeCheckpoint(checkpoint);
    expect(() => decodeCheckpoint(bytes.slice(0, length))).toThrow(
      expect.objectContaining({ code: 'checkpoint_invalid' }),
    );
  });

  it('of another version is refused, whatever its digest says', () => {
    const other = { ...checkpoint, header: { ...checkpoint.header, format: 'flts-checkpoint/2' } };
    expect(() => decodeCheckpoint(encodeCheckpoint(other))).toThrow(/flts-checkpoint\/1/u);
  });
});
