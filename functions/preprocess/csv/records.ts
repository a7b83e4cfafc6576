const QUOTE = 34;
const LINE_FEED = 10;

export interface SplitRecord {
  /** Without their quotes. */
  readonly fields: string[];
  /** Whether the last quote is closed. */
  readonly closed: boolean;
  /** Whether a closing quote has text after it. */
  readonly trailing: boolean;
}

/** The fields of one record (line ends are `\n`; it has none at its end). */
export function splitRecord(text: string, delimiter: string): SplitRecord {
  const fields: string[] = [];
  let field = '';
  let trailing = false;
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
      if (state === 'after') trailing = true;
      state = 'plain';
    }
  }
  return { fields: [...fields, field], closed: state !== 'quoted', trailing };
}

/** States of a field: 0 at its start, 1 in an unquoted one, 2 inside quotes, 3 after a quote that may have closed it. */
type FieldState = 0 | 1 | 2 | 3;

/** The state after `byte`, which is no line feed outside quotes. */
function nextState(state: FieldState, byte: number, delimiter: number): FieldState {
  if (state === 2) return byte === QUOTE ? 3 : 2;
  if (byte === delimiter) return 0;
  return byte === QUOTE && state !== 1 ? 2 : 1;
}

/** Offset after the line feed that ends the record which begins at `start`; the length where none does. */
export function recordEnd(bytes: Uint8Array, start: number, delimiter: number): number {
  let state: FieldState = 0;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === LINE_FEED && state !== 2) return at + 1;
    state = nextState(state, byte, delimiter);
  }
  return bytes.length;
}

/** Offset after the last record that ends in `bytes`, which begin with a record; 0 where none does. */
export function lastRecordEnd(bytes: Uint8Array, delimiter: number): number {
  if (!bytes.includes(QUOTE)) return bytes.lastIndexOf(LINE_FEED) + 1;
  let last = 0;
  let state: FieldState = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === LINE_FEED && state !== 2) [state, last] = [0, at + 1];
    else state = nextState(state, byte, delimiter);
  }
  return last;
}
