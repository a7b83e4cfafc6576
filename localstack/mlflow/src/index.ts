export { startMlflow, type MlflowOptions, type MlflowServer } from './server.ts';
export { MlflowServerError, type ServerErrorCode } from './errors.ts';
export type { S3Options } from './artifacts/store.ts';
