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
  const rounded = (value: number): number => Number(value.toPrecision(4));
  console.log(
    JSON.stringify({
      name,
      ratio: rounded(best.ours / best.theirs),
      against: theirs.name,
      ours: rounded(best.ours),
      theirs: rounded(best.theirs),
      unit,
    }),
  );
}
