// Runs one delivery through a built handler, as a process of its own that a test may kill.
// node invoke.mjs <handler.js>; the event's file comes as a line on standard input, once the handler is loaded.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { handler } = await import(pathToFileURL(process.argv[2]).href);
const [eventPath] = await new Promise((resolve) =>
  createInterface({ input: process.stdin }).once('line', (line) => resolve([line])),
);
const deadline = Date.now() + 120_000;
const context = { getRemainingTimeInMillis: () => deadline - Date.now() };
const result = await handler(JSON.parse(readFileSync(eventPath, 'utf8')), context);
process.stdout.write(`${JSON.stringify(result ?? null)}\n`, () => process.exit(0));
