import { parentPort } from 'node:worker_threads';
import { columnAt } from '../columns/column-place.ts';
import { doTask } from './tasks.ts';
import type { Answer, Order } from './threads.ts';
import { takeTurn } from './turns.ts';

/** The other end of a Thread: does what it is sent, one after the other. */
parentPort?.on('message', (order: Order) => parentPort?.postMessage(answerTo(order)));

function answerTo({ task, places, input, turn }: Order): Answer {
  if (turn !== undefined && !takeTurn(turn)) return { value: undefined };
  try {
    const columns = Object.entries(places).map(([name, place]) => [name, columnAt(place)] as const);
    return { value: doTask(task, Object.fromEntries(columns), input) };
  } catch (error) {
    return { error };
  }
}
