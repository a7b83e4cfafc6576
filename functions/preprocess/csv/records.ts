import { createReadStream } from 'node:fs';

const QUOTE = 34;
const LINE_FEED = 10;

export interface RecordShape {
  /** Line of its first character, from 1. */
  readonly line: number;
  readonly fields: number;
  /** Whether every quote that opens a field is closed, with a delimiter or the line's end after it. */
  readonly closed: boolean;
}

/**
 * Tells the shape of each record of a file (line ends are `\n`), blank lines left out, until `onRecord` answers false.
 * Values are not looked at: reading them is the database's work; this pass knows where they stand.
 */
export async function scanRecords(
  file: string,
  delimiter: string,
  onRecord: (record: RecordShape) => boolean,
): Promise<void> {
  const scanner = createScanner(delimiter.charCodeAt(0), onRecord);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('expected bytes from the file, got text');
    if (!scanner.push(chunk)) return;
  }
  scanner.end();
}

interface Scanner {
  push(chunk: Uint8Array): boolean;
  end(): void;
}

/** States of a field: 0 at its start, 1 in an unquoted one, 2 inside quotes, 3 after a quote that may have closed it. */
function createScanner(delimiter: number, onRecord: (record: RecordShape) => boolean): Scanner {
  let state: 0 | 1 | 2 | 3 = 0;
  let closed = true;
  let line = 1;
  let start = 1;
  let fields = 1;
  let empty = true;
  const finish = (): boolean => {
    const goOn = empty || onRecord({ line: start, fields, closed: closed && state !== 2 });
    [state, closed, fields, empty, start] = [0, true, 1, true, line];
    return goOn;
  };
  const take = (byte: number): void => {
    if (state === 2) {
      if (byte === QUOTE) state = 3;
    } else if (byte === delimiter) {
      state = 0;
      fields += 1;
    } else if (byte === QUOTE && state !== 1) {
      state = 2;
    } else {
      if (state === 3) closed = false;
      state = 1;
    }
  };
  const push = (chunk: Uint8Array): boolean => {
    for (const byte of chunk) {
      if (byte !== LINE_FEED) {
        empty = false;
        take(byte);
        continue;
      }
      line += 1;
      if (state !== 2 && !finish()) return false;
    }
    return true;
  };
  return { push, end: () => void finish() };
}

/** The fields of one record, without their quotes. */
export function splitRecord(text: string, delimiter: string): { fields: string[]; closed: boolean } {
  const fields: string[] = [];
  let field = '';
  let state: 'start' | 'plain' | 'quoted' | 'after' = 'start';
  for (const character of text) {
    if (state === 'quoted') {
      if (character === '"') state = 'after';
      else field += character;
    } else if (character === delimiter) {
      fields.push(field);
      [field, state] = ['', 'start'];
    } else if (character === '"' && state !== 'plain') {
      // A second quote inside a quoted field stands for one.
      if (state === 'after') field += '"';
      state = 'quoted';
    } else {
      field += character;
      state = 'plain';
    }
  }
  return { fields: [...fields, field], closed: state !== 'quoted' };
}
