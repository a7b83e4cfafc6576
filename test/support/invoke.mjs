// An instance of a built handler, as a process of its own that a test may kill: a line on standard input is JSON of the
// file of an event and its limits, a line on standard output is what the handler returned.
// node invoke.mjs <handler.js>
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { handler } = await import(pathToFileURL(process.argv[2]).href);
for await (const line of createInterface({ input: process.stdin })) {
  const { eventFile, timeoutMs, isHurried } = JSON.parse(line);
  const deadline = Date.now() + timeoutMs;
  // The middleware asks first, and sets a timer by the answer.
  let answers = 0;
  const getRemainingTimeInMillis = () => {
    answers += 1;
    return isHurried && answers > 1 ? 0 : deadline - Date.now();
  };
  const context = { getRemainingTimeInMillis };
  const result = await handler(JSON.parse(readFileSync(eventFile, 'utf8')), context);
  process.stdout.write(`${JSON.stringify(result ?? null)}\n`);
}
process.exit(0);
