import { workerData } from 'node:worker_threads';
import { breakUp } from './meeting.ts';
import { follow, type TeamSetup } from './team.ts';

const { setup, index }: { setup: TeamSetup; index: number } = workerData;
try {
  follow(setup, index);
} catch (cause) {
  breakUp(setup.words);
  throw cause;
}
