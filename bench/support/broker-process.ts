import { startBroker } from '@flts/kafka';

/** Our broker in a process of its own, as `npm start` keeps it apart from the functions. */
export async function runBroker(directory: string): Promise<void> {
  const { bootstrapServers } = await startBroker({ directory, port: 0 });
  console.log(`ready${JSON.stringify({ bootstrapServers })}`);
}
