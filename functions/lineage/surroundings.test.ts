import { expect, it } from 'vitest';
import { orOfNpmStart } from './surroundings.ts';

it('takes the services of npm start for those that the environment does not name', () => {
  expect(orOfNpmStart({ MLFLOW_PORT: '5001', AWS_REGION: '' })).toEqual({
    MLFLOW_PORT: '5001',
    MLFLOW_TRACKING_URI: 'http://127.0.0.1:5001',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9000',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'flts',
    AWS_SECRET_ACCESS_KEY: 'flts-local-secret',
  });
});

it('sends the credentials of the stand-in to no other S3', () => {
  const named = { AWS_ENDPOINT_URL_S3: 'https://s3.example', MLFLOW_TRACKING_URI: 'https://mlflow.example' };
  expect(orOfNpmStart(named)).toEqual(named);
});
