import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startBroker, type Broker } from './broker.ts';
import { kafkajsClients, type KafkajsClients } from './testing/kafkajs-clients.ts';

let directory: string;
let broker: Broker;
let clients: KafkajsClients;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'flts-kafka-'));
  broker = await startBroker({ directory, port: 0 });
  clients = kafkajsClients(broker.bootstrapServers);
});
afterEach(async () => {
  await clients.close();
  await broker.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('a broker', () => {
  it('keeps records and committed offsets over a restart on the same directory', async () => {
    await clients.produce('t', ['a', 'b']);
    const before = await clients.read('t', 'g');
    await before.until(2);
    await before.consumer.disconnect();
    const { port } = broker;
    await broker.close();
    broker = await startBroker({ directory, port });
    await clients.produce('t', ['c']);
    const after = await clients.read('t', 'g');
    await after.until(1);
    expect(after.seen).toMatchObject([{ value: 'c', partition: 0, offset: '2' }]);
  });

  it('cuts a torn tail and goes on behind the last whole batch', async () => {
    await clients.produce('t', ['a']);
    const { port } = broker;
    await broker.close();
    const [folder = ''] = readdirSync(join(directory, 'topics'));
    appendFileSync(
      join(directory, 'topics', folder, '0', '00000000000000000000.log'),
      Buffer.from([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 9]),
    );
    broker = await startBroker({ directory, port });
    expect(await clients.produce('t', ['b'])).toEqual(['1']);
    const reading = await clients.read('t', 'g');
    await reading.until(2);
    expect(reading.seen.map(({ value }) => value)).toEqual(['a', 'b']);
  });

  it('closes a connection that sends garbage, and serves the others', async () => {
    const socket = connect(broker.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await closed;
    expect(await clients.produce('t', ['still here'])).toEqual(['0']);
  });

  it('refuses a taken port and a directory in use by name', async () => {
    const other = mkdtempSync(join(tmpdir(), 'flts-kafka-'));
    await expect(startBroker({ directory: other, port: broker.port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(String(broker.port)),
    });
    await expect(startBroker({ directory, port: 0 })).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' });
    rmSync(other, { recursive: true });
  });

  it('closes at once with a long poll waiting', async () => {
    await clients.produce('t', ['a']);
    const reading = await clients.read('t', 'g');
    await reading.until(1);
    const { port } = broker;
    await broker.close();
    broker = await startBroker({ directory, port });
    expect(await clients.produce('t', ['b'])).toEqual(['1']);
  });
});
