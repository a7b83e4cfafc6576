import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const COLUMNS = 12;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
const CHUNK_CHARACTERS = 1 << 20;
const FRACTIONS = 4096;

/** Numbers in [0, 2^32) from a seed (mulberry32, Ettinger, 2017, public domain). */
function randomIntegers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/**
 * Writes a CSV file of minutes since 1985 and twelve columns, some 200 bytes a row: two of integers, ten of 14 or 15 digits,
 * each with a season of a day, noise, and one cell in two hundred missing; one row in a thousand is missing.
 */
export async function writeGeneratedCsv(file: string, rows: number): Promise<void> {
  await pipeline(Readable.from(generatedText(rows)), createWriteStream(file));
}

function* generatedText(rows: number): Generator<string> {
  const random = randomIntegers(rows);
  const fraction = (digits: number): string[] =>
    Array.from({ length: FRACTIONS }, () => `${random() % 10 ** digits}`.padStart(digits, '0'));
  const [six, five] = [fraction(6), fraction(5)];
  const seasons = Array.from({ length: COLUMNS }, (_, column) =>
    Array.from({ length: DAY_MINUTES }, (_each, minute) =>
      Math.round(100 * (column + 1) + 20 * Math.sin((2 * Math.PI * minute) / DAY_MINUTES + column)),
    ),
  );
  const start = Date.UTC(1985, 0, 1);
  let text = `time,${seasons.map((_, column) => `c${column}`).join(',')}\n`;
  for (let row = 0; row < rows; row += 1) {
    if (row % 997 === 500) continue;
    text += `${new Date(start + row * MINUTE_MS).toISOString().slice(0, 19)}Z`;
    for (let column = 0; column < COLUMNS; column += 1) {
      const noise = random();
      if (noise % 200 === 7 && row > 0) text += ',';
      else {
        const whole = (seasons[column]?.[row % DAY_MINUTES] ?? 0) + ((noise >>> 8) % 10);
        const digits = `.${six[noise % FRACTIONS]}${five[(noise >>> 12) % FRACTIONS]}`;
        text += `,${whole}${column < 2 ? '' : digits}`;
      }
    }
    text += '\n';
    if (text.length < CHUNK_CHARACTERS) continue;
    yield text;
    text = '';
  }
  yield text;
}
