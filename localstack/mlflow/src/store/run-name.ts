import { randomInt } from 'node:crypto';

const ADJECTIVES = ['amber', 'brisk', 'calm', 'dusty', 'eager', 'frosty', 'gentle', 'hazy', 'keen', 'misty'];
const NOUNS = [
  'breeze',
  'cirrus',
  'drizzle',
  'front',
  'gale',
  'isobar',
  'monsoon',
  'squall',
  'tide',
  'zephyr',
];

/** For a run that nobody named. */
export function randomRunName(): string {
  const pick = (words: readonly string[]): string => words[randomInt(words.length)] ?? '';
  return `${pick(ADJECTIVES)}-${pick(NOUNS)}-${randomInt(1000)}`;
}
