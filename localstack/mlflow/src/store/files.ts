import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';

/** No key ends in it, so that no file of a key is taken for one written aside. */
const ASIDE = '~';

/** Writes aside and renames, so that a kill leaves the old file or the new one. */
export function writeAtomically(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path + ASIDE, text);
  renameSync(path + ASIDE, path);
}

/** Python's YAML is of version 1.1, where `yes`, 12:30 and 2024-01-01 are no strings unless quoted. */
const YAML_11 = { version: '1.1', nullStr: 'null', lineWidth: 0 } as const;

export function writeYaml(path: string, fields: Readonly<Record<string, unknown>>): void {
  const sorted = Object.fromEntries(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  writeAtomically(path, stringify(sorted, YAML_11));
}

/** Every value as its text. Undefined where there is none. @throws where what is there is not a map */
export function readYaml(path: string): ReadonlyMap<string, string> | undefined {
  if (!existsSync(path)) return undefined;
  const value: unknown = parse(readFileSync(path, 'utf8'), { schema: 'failsafe' });
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(`expected a map in ${path}, got ${value === null ? 'nothing' : typeof value}`);
  return new Map(Object.entries(value).map(([key, field]) => [key, String(field)]));
}

export function appendLines(path: string, lines: readonly string[]): void {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, lines.map((line) => `${line}\n`).join(''));
}

/** Whole lines; a torn last one, which was never acknowledged, is cut from the file. */
export function readWholeLines(path: string): string[] {
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole < bytes.length) truncateSync(path, whole);
  return bytes.subarray(0, whole).toString('utf8').split('\n').slice(0, -1);
}

/** Every file below a folder, by its path within; what a kill left aside is swept away. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  for (const name of files) if (name.endsWith(ASIDE)) rmSync(join(folder, name));
  return files.filter((name) => !name.endsWith(ASIDE));
}
