// Runs one command line against the broker that the environment names.
import type { Kafka } from 'kafkajs';
import { parseArguments, type Command } from './arguments.ts';
import { DlqError } from './errors.ts';
import { createKafka, partitionStates, withAdmin } from './kafka.ts';
import { listTopics, newestLetters } from './list.ts';
import { redrive } from './redrive.ts';
import { renderFate, renderLetter, renderList, renderSummary } from './render.ts';

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
}

/** Resolves to the exit status: 0, or 1 after an error, 2 for a command line that is none. */
export async function run(
  args: readonly string[],
  { environment, print, printError }: Surroundings,
): Promise<number> {
  const servers = environment['KAFKA_BOOTSTRAP_SERVERS'] || '127.0.0.1:9092';
  try {
    const command = parseArguments(args);
    const kafka = createKafka(servers);
    const notificationsTopic = environment['S3_NOTIFICATIONS_TOPIC'] || 's3-notifications';
    await execute(command, kafka, { notificationsTopic, print });
    return 0;
  } catch (error) {
    printError(describe(error, servers));
    return error instanceof DlqError && error.code === 'USAGE' ? 2 : 1;
  }
}

function describe(error: unknown, servers: string): string {
  if (error instanceof DlqError) return `${error.code}: ${error.message}`;
  return `KAFKA_FAILED: ${error instanceof Error ? error.message : String(error)} (${servers})`;
}

interface Output {
  readonly notificationsTopic: string;
  readonly print: (text: string) => void;
}

async function execute(command: Command, kafka: Kafka, { notificationsTopic, print }: Output): Promise<void> {
  switch (command.name) {
    case 'list':
      return print(renderList(await listTopics(kafka)));
    case 'show': {
      const { topic, count } = command;
      const partitions = await withAdmin(kafka, (admin) => partitionStates(admin, topic));
      const letters = await newestLetters(kafka, topic, { partitions, count });
      return print(letters.length === 0 ? `no letters in ${topic}` : letters.map(renderLetter).join('\n\n'));
    }
    case 'redrive': {
      const { topic, filters, dryRun } = command;
      const onLetter = ({ letter, fate }: Parameters<Parameters<typeof redrive>[1]['onLetter']>[0]): void =>
        print(renderFate(letter, fate));
      const summary = await redrive(kafka, { topic, filters, dryRun, notificationsTopic, onLetter });
      return print(renderSummary(summary, dryRun));
    }
  }
}
