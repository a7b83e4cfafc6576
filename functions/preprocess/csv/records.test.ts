import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scanRecords, splitRecord, type RecordShape } from './records.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flts-records-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function scan(text: string): Promise<RecordShape[]> {
  const file = join(folder, 'x.csv');
  await writeFile(file, text);
  const found: RecordShape[] = [];
  await scanRecords(file, ',', (record) => found.push(record) > 0);
  return found;
}

describe('scanRecords', () => {
  it('tells where records begin and how many fields they have', async () => {
    expect(await scan('a,b\n\n"1\n,2",""\n"x""y",2,3')).toEqual([
      { line: 1, fields: 2, closed: true },
      { line: 3, fields: 2, closed: true },
      { line: 5, fields: 3, closed: true },
    ]);
  });

  it('takes a quote inside an unquoted field for a character', async () => {
    expect(await scan('5",b\n1,2\n')).toEqual([
      { line: 1, fields: 2, closed: true },
      { line: 2, fields: 2, closed: true },
    ]);
  });

  it('tells quotes that are not closed or that end before their field', async () => {
    expect(await scan('"a"b,c\n1,"2\n3,4\n')).toEqual([
      { line: 1, fields: 2, closed: false },
      { line: 2, fields: 2, closed: false },
    ]);
  });

  it('stops where it is told to', async () => {
    const file = join(folder, 'x.csv');
    await writeFile(file, 'a\nb\nc\n');
    const lines: number[] = [];

    await scanRecords(file, ',', ({ line }) => lines.push(line) < 2);

    expect(lines).toEqual([1, 2]);
  });

  it('sees the same records however the file is cut into chunks', async () => {
    const row = '"2001-01-01","1,5",2\n';
    const found = await scan(row.repeat(120_000));

    expect(found).toHaveLength(120_000);
    expect(
      found.every(({ line, fields, closed }, index) => line === index + 1 && fields === 3 && closed),
    ).toBe(true);
  });
});

describe('splitRecord', () => {
  it('takes the quotes off', () => {
    expect(splitRecord('a,"b,c","d""e",', ',')).toEqual({ fields: ['a', 'b,c', 'd"e', ''], closed: true });
    expect(splitRecord('a,"b', ',').closed).toBe(false);
  });
});
