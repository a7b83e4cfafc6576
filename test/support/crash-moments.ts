/**
 * Where crash tests kill. `npm test` kills at every write, since at a read nothing has changed for the services, and leaves
 * out what a stage does a second time in the same way; `npm run test:crash` (CRASH_AT=requests) kills at every request, reads
 * too, without exception.
 */
export const EVERY_REQUEST = process.env['CRASH_AT'] === 'requests';

export const MOMENT = EVERY_REQUEST ? 'request' : 'write';

/** Of one test that kills again and again. */
export const KILLING_MS = EVERY_REQUEST ? 1_200_000 : 400_000;
