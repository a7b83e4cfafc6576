import { describe, expect, it } from 'vitest';
import { lastRecordEnd, recordEnd, splitRecord } from './records.ts';

const COMMA = 44;
const endsOf = (text: string): number[] => {
  const bytes = Buffer.from(text);
  const ends: number[] = [];
  for (let at = 0; at < bytes.length; at = ends.at(-1) ?? bytes.length)
    ends.push(recordEnd(bytes, at, COMMA));
  return ends;
};

describe('recordEnd', () => {
  it.each([
    ['plain records', 'a,b\n1,2\n', [4, 8]],
    ['blank lines', 'a\n\nb', [2, 3, 4]],
    ['line feeds inside quotes', '"1\n,2",""\n3', [10, 11]],
    ['two quotes inside quotes', '"x""\ny",2\n3', [10, 11]],
    ['a quote inside a field without quotes', '5",b\n1,2\n', [5, 9]],
    ['a quote that is not closed', '1,"2\n3,4\n', [9]],
  ])('finds the ends of %s', (_, text, ends) => {
    expect(endsOf(text)).toEqual(ends);
    // The last end counts where a line feed makes it.
    const closed = ends.filter((end) => Buffer.from(text)[end - 1] === 10 && !text.startsWith('1,"'));
    expect(lastRecordEnd(Buffer.from(text), COMMA)).toBe(closed.at(-1) ?? 0);
  });
});

describe('splitRecord', () => {
  it('takes the quotes off', () => {
    expect(splitRecord('a,"b,c","d""e",', ',').fields).toEqual(['a', 'b,c', 'd"e', '']);
  });

  it('tells quotes that are not closed or that end before their field', () => {
    const told = ['a,"b', '"a"b,c', '"a",b'].map((text) => splitRecord(text, ','));
    expect(told.map(({ closed, trailing }) => ({ closed, trailing }))).toEqual([
      { closed: false, trailing: false },
      { closed: true, trailing: true },
      { closed: true, trailing: false },
    ]);
  });
});
