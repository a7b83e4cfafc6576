type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment, and for each service that it does not name the one of `npm start` on its default port, as
 * `npm run dlq` has it. Credentials are those of the stand-in for S3, and only where that is meant.
 */
export function orOfNpmStart(environment: Environment): Record<string, string> {
  const { S3_PORT, MLFLOW_PORT } = environment;
  const standIns = {
    MLFLOW_TRACKING_URI: `http://127.0.0.1:${MLFLOW_PORT || 5000}`,
    ...(environment['AWS_ENDPOINT_URL_S3']
      ? {}
      : {
          AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${S3_PORT || 9000}`,
          AWS_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: 'flts',
          AWS_SECRET_ACCESS_KEY: 'flts-local-secret',
        }),
  };
  const given = Object.entries(environment).flatMap(([name, value]) => (value ? [[name, value]] : []));
  return { ...standIns, ...Object.fromEntries(given) };
}
