import { describe, expect, it } from 'vitest';
import { breakUp, meet, MEETING_WORDS } from './meeting.ts';

describe('a meeting', () => {
  it('of one is over at once, as often as it is called', () => {
    const words = new Int32Array(new SharedArrayBuffer(4 * MEETING_WORDS));
    for (let round = 1; round <= 3; round += 1) {
      meet(words, 1);
      expect([...words]).toEqual([0, round, 0]);
    }
  });

  it('that was broken up throws, for whoever comes', () => {
    const words = new Int32Array(new SharedArrayBuffer(4 * MEETING_WORDS));
    breakUp(words);
    expect(() => meet(words, 1)).toThrow('expected every thread of a training to go on');
  });
});
