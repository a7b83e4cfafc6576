/**
 * Sine and cosine of a share of a full turn, the same bits on every engine: quarter-turn reduction, then Taylor series
 * of |x| <= pi/4 to the 15th order (error below 1e-16), plain multiplications and additions alone.
 */
export function sineTurn(share: number): number {
  return wave(share - Math.floor(share), 0);
}

export function cosineTurn(share: number): number {
  return wave(share - Math.floor(share), 1);
}

function wave(share: number, shift: 0 | 1): number {
  const eighths = Math.floor(share * 8 + 1);
  const quarter = Math.floor(eighths / 2);
  const x = (share - quarter / 4) * 2 * Math.PI;
  switch ((quarter + shift) % 4) {
    case 0:
      return sine(x);
    case 1:
      return cosine(x);
    case 2:
      return -sine(x);
    default:
      return -cosine(x);
  }
}

function sine(x: number): number {
  const q = x * x;
  return (
    x *
    (1 -
      (q / 6) *
        (1 - (q / 20) * (1 - (q / 42) * (1 - (q / 72) * (1 - (q / 110) * (1 - (q / 156) * (1 - q / 210)))))))
  );
}

function cosine(x: number): number {
  const q = x * x;
  return (
    1 -
    (q / 2) *
      (1 -
        (q / 12) *
          (1 -
            (q / 30) * (1 - (q / 56) * (1 - (q / 90) * (1 - (q / 132) * (1 - (q / 182) * (1 - q / 240)))))))
  );
}
