// Handlers that say when they were called, on the clock that all processes of a machine share.
import { hrtime } from 'node:process';

function values({ records }) {
  return Object.values(records)
    .flat()
    .map(({ value }) => Buffer.from(value, 'base64').toString());
}

let latencies = [];

/** A value is the time at which it was produced; an empty one ends the run, whose latencies (ms) are then told. */
export async function prompt(event) {
  const called = hrtime.bigint();
  for (const value of values(event)) {
    if (value !== '') latencies.push(Number(called - BigInt(value)) / 1e6);
    else {
      process.stdout.write(`LATENCIES ${JSON.stringify(latencies)}\n`);
      latencies = [];
    }
  }
}

/** Tells, of each batch, how many records it has and when it came (ns). */
export async function bulk(event) {
  const called = hrtime.bigint();
  process.stdout.write(`BATCH ${JSON.stringify([values(event).length, Number(called)])}\n`);
}
