// `npm run create`: the topics and buckets of a deployment, which the template does not make.
import { parseArgs } from 'node:util';
import { kafkaSecurity } from '../../functions/shared/messages/kafka-security.ts';
import {
  bucketShape,
  kafkaShape,
  readSettings,
  serviceShape,
} from '../../functions/shared/settings/settings.ts';
import { createS3Client } from '../../functions/shared/storage/s3-storage.ts';
import { createBuckets, createTopics, declaredResources } from '../../localstack/start/resources.ts';

const USAGE = `Usage: npm run create -- [--partitions <topic>=<n>,…]
Creates the topics and the buckets that are missing, and grows topics with fewer partitions than asked for. Reads KAFKA_BOOTSTRAP_SERVERS, KAFKA_SSL,
KAFKA_SASL_MECHANISM, KAFKA_USERNAME, KAFKA_PASSWORD, BUCKET_PREFIX, and what the AWS SDK reads.
  --partitions <topic>=<n>,…   1 to 1000; default: as serverless.yml says`;

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { partitions: { type: 'string', default: '' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return console.log(USAGE);
  const { topics, buckets } = declaredResources(values.partitions);
  const { KAFKA_BOOTSTRAP_SERVERS } = serviceShape;
  const settings = readSettings({ KAFKA_BOOTSTRAP_SERVERS, ...kafkaShape, ...bucketShape }, process.env);
  const security = kafkaSecurity(settings, process.env['AWS_REGION']);
  const kafka = { brokers: settings.KAFKA_BOOTSTRAP_SERVERS, ...security };
  tell('topic', await createTopics(kafka, topics));
  tell(
    'bucket',
    await createBuckets(
      createS3Client(),
      buckets.map((name) => `${settings.BUCKET_PREFIX}${name}`),
    ),
  );
}

function tell(kind: string, created: readonly string[]): void {
  for (const name of created) console.log(`${kind.padEnd(7)} ${name}  created`);
  if (created.length === 0) console.log(`${kind.padEnd(7)} all there already`);
}

main(process.argv.slice(2)).catch((cause: unknown) => {
  console.error(cause instanceof Error ? cause.message : cause);
  process.exitCode = 1;
});
