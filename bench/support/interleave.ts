export interface Side {
  readonly name: string;
  /** One measurement, in the unit that is reported. */
  readonly measure: () => Promise<number>;
}

export interface Comparison {
  readonly name: string;
  readonly unit: string;
  readonly ours: Side;
  readonly theirs: Side;
  readonly rounds: number;
}

/** Takes turns, so that both sides meet the same machine, and prints the ratio of their minima as one line of JSON. */
export async function interleave({ name, unit, ours, theirs, rounds }: Comparison): Promise<void> {
  const best = { ours: Number.POSITIVE_INFINITY, theirs: Number.POSITIVE_INFINITY };
  // The first round warms both up.
  for (let round = 0; round <= rounds; round += 1) {
    const [own, other] = [await ours.measure(), await theirs.measure()];
    if (round === 0) continue;
    best.ours = Math.min(best.ours, own);
    best.theirs = Math.min(best.theirs, other);
  }
  printRatio({ name, unit, against: theirs.name, ours: best.ours, theirs: best.theirs });
}

export interface Ratio {
  readonly name: string;
  readonly unit: string;
  readonly against: string;
  readonly ours: number;
  readonly theirs: number;
}

/** One line of JSON. */
export function printRatio({ name, unit, against, ours, theirs }: Ratio): void {
  const rounded = (value: number): number => Number(value.toPrecision(4));
  const ratio = rounded(ours / theirs);
  console.log(JSON.stringify({ name, ratio, against, ours: rounded(ours), theirs: rounded(theirs), unit }));
}
