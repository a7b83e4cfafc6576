import { describe, expect, it } from 'vitest';
import { createTurns, giveUp, isOurs, takeTurn } from './turns.ts';

describe('turns', () => {
  it('are taken once, by whoever comes first', () => {
    const turns = createTurns(2);
    const first = { turns, index: 1, who: 1 };
    const second = { turns, index: 1, who: 2 };

    expect([isOurs(first), takeTurn(second), takeTurn(first), takeTurn(second)]).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect([isOurs(first), isOurs(second)]).toEqual([false, true]);
  });

  it('are nobody’s once they are given up, but for those that were taken', () => {
    const turns = createTurns(3);
    const taken = { turns, index: 0, who: 2 };
    takeTurn(taken);
    giveUp(turns);

    expect(isOurs(taken)).toBe(true);
    expect([1, 2].map((index) => takeTurn({ turns, index, who: 2 }))).toEqual([false, false]);
  });
});
