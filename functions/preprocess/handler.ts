import { s3Handler } from '../shared/handlers/s3-handler.ts';
import { preprocess } from './preprocess.ts';

export const handler = s3Handler({
  name: 'preprocess',
  process: (upload, services) => preprocess(upload, services, process.env),
});
