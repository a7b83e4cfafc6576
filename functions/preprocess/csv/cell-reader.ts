import { LARGEST_NUMBER } from '../../shared/dataset/rules.ts';
import { markOf } from './number.ts';
import { parseTimestamp } from '../../shared/dataset/timestamps.ts';

const LINE_FEED = 10;
const SPACE = 32;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const COLON = 58;
const LETTER_T = 84;
const LETTER_Z = 90;
/** Integers of as many digits are exact, and so is one division of them: it rounds once (Clinger, 1990). */
const EXACT_DIGITS = 15;
const POWERS = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => Number(`1e${power}`));

/** A place in the bytes of a file. */
export interface CellReader {
  readonly bytes: Buffer;
  readonly delimiter: number;
  at: number;
}

/** Whether the reader stands at the end of a cell. */
export function atCellEnd({ bytes, delimiter, at }: CellReader): boolean {
  const byte = bytes[at];
  return byte === undefined || byte === delimiter || byte === LINE_FEED;
}

/** Goes on to the end of an unquoted cell, and returns its text. */
export function takeText(reader: CellReader): string {
  const start = reader.at;
  while (!atCellEnd(reader)) reader.at += 1;
  return reader.bytes.toString('utf8', start, reader.at);
}

/**
 * Reads a cell of digits and at most one point, with or without a minus, into `target[row]` and goes on to its end. Answers what
 * it shows of its point (MARKS). Of anything else it answers 0 and stays.
 */
export function takePlainNumber(reader: CellReader, target: Float64Array, row: number): number {
  const { bytes, at: begin } = reader;
  const negative = bytes[begin] === MINUS;
  const start = negative ? begin + 1 : begin;
  let at = start;
  let point = -1;
  let digits = 0;
  for (; ; at += 1) {
    const byte = bytes[at] ?? LINE_FEED;
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) digits = digits * 10 + digit;
    else if (byte === POINT && point < 0) point = at;
    else break;
  }
  const count = at - start - (point < 0 ? 0 : 1);
  reader.at = at;
  if (count === 0 || !atCellEnd(reader)) {
    reader.at = begin;
    return 0;
  }
  if (count > EXACT_DIGITS) target[row] = Number(bytes.toString('latin1', begin, at));
  else {
    const value = point < 0 ? digits : digits / (POWERS[at - point - 1] ?? NaN);
    target[row] = negative ? -value : value;
  }
  if (Math.abs(target[row] ?? 0) <= LARGEST_NUMBER)
    return point < 0
      ? markOf(count, -1, false)
      : markOf(point - start, at - point - 1, bytes[start] === ZERO);
  reader.at = begin;
  return 0;
}

/** The day that a cell began with last, since the next mostly begins with it too. */
interface Day {
  text: number;
  midnight: number;
}

/**
 * Makes a reader of cells like 2001-01-31, 2001-01-31T12:00 or 2001-01-31 12:00:00Z, which reads them into `target[row]` as
 * parseTimestamp would, and goes on to their end. Of anything else it answers false and stays.
 */
export function createTimeReader(): (reader: CellReader, target: Float64Array, row: number) => boolean {
  const day: Day = { text: -1, midnight: NaN };
  return (reader, target, row) => {
    const begin = reader.at;
    const midnight = takeDay(reader, day);
    const time = atCellEnd(reader) ? 0 : takeTimeOfDay(reader);
    if (atCellEnd(reader) && !Number.isNaN(midnight + time)) {
      target[row] = midnight + time;
      return true;
    }
    reader.at = begin;
    return false;
  };
}

/** Epoch ms of the day's beginning; NaN where there is no such day. */
function takeDay(reader: CellReader, day: Day): number {
  const { bytes, at } = reader;
  const [year, month, date] = [
    twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2),
    twoDigits(bytes, at + 5),
    twoDigits(bytes, at + 8),
  ];
  if (bytes[at + 4] !== MINUS || bytes[at + 7] !== MINUS) return NaN;
  const text = (year * 100 + month) * 100 + date;
  if (text !== day.text) {
    if (Number.isNaN(text)) return NaN;
    day.text = text;
    day.midnight = parseTimestamp(bytes.toString('latin1', at, at + 10)) ?? NaN;
  }
  reader.at = at + 10;
  return day.midnight;
}

/** Milliseconds of `T12:00`, `T12:00:00`, with or without a Z; NaN where it is none of them. */
function takeTimeOfDay(reader: CellReader): number {
  const { bytes, at } = reader;
  if ((bytes[at] !== LETTER_T && bytes[at] !== SPACE) || bytes[at + 3] !== COLON) return NaN;
  const [hour, minute] = [twoDigits(bytes, at + 1), twoDigits(bytes, at + 4)];
  const hasSeconds = bytes[at + 6] === COLON;
  const second = hasSeconds ? twoDigits(bytes, at + 7) : 0;
  reader.at = at + (hasSeconds ? 9 : 6);
  if (bytes[reader.at] === LETTER_Z) reader.at += 1;
  return hour <= 23 && minute <= 59 && second <= 59 ? ((hour * 60 + minute) * 60 + second) * 1000 : NaN;
}

/** NaN where there are no two digits. */
function twoDigits(bytes: Buffer, at: number): number {
  const [tens, units] = [(bytes[at] ?? 0) - ZERO, (bytes[at + 1] ?? 0) - ZERO];
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : NaN;
}
