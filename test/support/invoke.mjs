// An instance of a built handler, as a process of its own that a test may kill: a line on standard input names the
// file of an event, a line on standard output is what the handler returned.
// node invoke.mjs <handler.js>
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { handler } = await import(pathToFileURL(process.argv[2]).href);
for await (const eventPath of createInterface({ input: process.stdin })) {
  const deadline = Date.now() + 120_000;
  const context = { getRemainingTimeInMillis: () => deadline - Date.now() };
  const result = await handler(JSON.parse(readFileSync(eventPath, 'utf8')), context);
  process.stdout.write(`${JSON.stringify(result ?? null)}\n`);
}
process.exit(0);
