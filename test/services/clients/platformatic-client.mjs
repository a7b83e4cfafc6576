// Run on a Node that @platformatic/kafka takes, in the folder where it is installed: a topic, one record a
// compression, a consumer of a group. Prints what it read, as JSON.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, server, topic] = process.argv.slice(2);
const entry = createRequire(join(folder, 'package.json')).resolve('@platformatic/kafka');
const { Admin, Consumer, Producer, stringDeserializers, stringSerializers } = await import(
  pathToFileURL(entry)
);
const bootstrapBrokers = [server];
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

const admin = new Admin({ clientId: 'admin', bootstrapBrokers });
await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 });
const producer = new Producer({ clientId: 'producer', bootstrapBrokers, serializers: stringSerializers });
for (const compression of codecs) {
  const message = { topic, key: 'k', value: compression, headers: { h: 'x' } };
  await producer.send({ compression, messages: [message] });
}
const options = { clientId: 'consumer', bootstrapBrokers, groupId: `${topic}-group` };
const consumer = new Consumer({ ...options, deserializers: stringDeserializers });
const stream = await consumer.consume({ topics: [topic], mode: 'earliest' });
const read = [];
for await (const { key, value, headers, offset } of stream) {
  read.push([key, value, headers.get('h'), Number(offset)]);
  if (read.length === codecs.length) break;
}
await consumer.close(true);
await Promise.all([producer.close(), admin.close()]);
console.log(JSON.stringify(read));
