// What the tool prints.
import type { TopicSummary } from './list.ts';
import { errorOf, headerText, jsonObject, placeOf, type Letter } from './letter.ts';
import { REDRIVEN_HEADER } from './originals.ts';
import type { Fate, RedriveSummary } from './redrive.ts';

const VALUE_CHARACTERS = 2000;

export function renderList(topics: readonly TopicSummary[]): string {
  if (topics.length === 0) return 'no DLQ-* topics';
  const rows = topics.map(({ topic, letters, left, newest, errors }) => [
    topic,
    String(letters),
    String(left),
    newest === undefined ? '-' : new Date(newest).toISOString(),
    errors.map(({ code, count }) => `${code} ${count}`).join(', '),
  ]);
  return table([['topic', 'letters', 'left', 'newest', 'newest errors'], ...rows]);
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One letter in a few lines: place, time and key, the error, where it came from, and its value. */
export function renderLetter(letter: Letter): string {
  const error = errorOf(letter);
  const header = (name: string): string => headerText(letter, `dlq_${name}`) ?? '?';
  const key = letter.key === null ? 'no key' : `key ${letter.key.toString('utf8')}`;
  const redriven = headerText(letter, REDRIVEN_HEADER);
  const lines = [
    `${placeOf(letter)}  ${new Date(letter.timestamp).toISOString()}  ${key}`,
    `  error     ${[headerText(letter, 'dlq_error_name'), error.code, error.message].filter(Boolean).join('  ')}`,
    `  from      ${header('topic')}/${header('partition')}/${header('offset')}`,
    `  function  ${header('function')}, ${header('attempts')} attempts, given up ${header('timestamp')}`,
    ...(redriven === undefined ? [] : [`  redriven  ${redriven}`]),
    ...otherHeaders(letter).map((line) => `  header    ${line}`),
    `  value     ${renderValue(letter)}`,
  ];
  return lines.join('\n');
}

function otherHeaders(letter: Letter): string[] {
  return Object.keys(letter.headers)
    .filter((name) => !name.startsWith('dlq_'))
    .map((name) => `${name}: ${headerText(letter, name) ?? ''}`);
}

function renderValue(letter: Letter): string {
  const { value } = letter;
  if (value === null) return headerText(letter, 'dlq_value') ?? 'none';
  const text = value.toString('utf8');
  if (text.includes('\uFFFD')) return `${value.length} bytes, ${value.subarray(0, 32).toString('hex')}…`;
  const shown = jsonObject(letter) === undefined ? text : JSON.stringify(jsonObject(letter), null, 2);
  const cut =
    shown.length > VALUE_CHARACTERS
      ? `${shown.slice(0, VALUE_CHARACTERS)}… (${shown.length} characters)`
      : shown;
  return cut.replaceAll('\n', '\n            ');
}

export function renderFate(letter: Letter, fate: Fate): string {
  if ('to' in fate) return `${placeOf(letter)} -> ${fate.to.join(', ')}`;
  return `${placeOf(letter)} stays: ${fate.left}`;
}

export function renderSummary({ redriven, filtered, left }: RedriveSummary, dryRun: boolean): string {
  const verb = dryRun ? 'to put back' : 'put back';
  const others = [filtered > 0 ? `, ${filtered} filtered` : '', left > 0 ? `, ${left} cannot be` : ''].join(
    '',
  );
  return `${redriven} ${verb}${others}`;
}
