// Run on a Node that @platformatic/kafka takes, in the folder where it is installed: reads so many records of a topic
// from its first offset on, and prints them as JSON.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, server, topic, count] = process.argv.slice(2);
const entry = createRequire(join(folder, 'package.json')).resolve('@platformatic/kafka');
const { Consumer, stringDeserializers } = await import(pathToFileURL(entry));
const options = { clientId: 'consumer', bootstrapBrokers: [server], groupId: `${topic}-platformatic` };
const consumer = new Consumer({ ...options, deserializers: stringDeserializers });
const stream = await consumer.consume({ topics: [topic], mode: 'earliest' });
const read = [];
for await (const { key, value, offset } of stream) {
  read.push(`${offset} ${key} ${value}`);
  if (read.length === Number(count)) break;
}
await consumer.close(true);
console.log(JSON.stringify(read));
