// Runs one delivery through a built handler, as a process of its own that a test may kill.
// node invoke.mjs <handler.js> <event.json>
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [handlerPath, eventPath] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(handlerPath).href);
const deadline = Date.now() + 120_000;
const context = { getRemainingTimeInMillis: () => deadline - Date.now() };
const result = await handler(JSON.parse(readFileSync(eventPath, 'utf8')), context);
process.stdout.write(`${JSON.stringify(result ?? null)}\n`, () => process.exit(0));
