import type { OutgoingRecord, Publisher } from './publisher.ts';

export interface SentRecord extends OutgoingRecord {
  readonly topic: string;
}

/** The Publisher of unit tests: keeps what was sent, in order. */
export function createMemoryPublisher(): Publisher & {
  readonly sent: SentRecord[];
  messages(topic: string): Record<string, unknown>[];
} {
  const sent: SentRecord[] = [];
  const send: Publisher['send'] = async (topic, records) => {
    sent.push(...records.map((record) => ({ topic, ...record })));
  };
  const publishAll: Publisher['publishAll'] = (topic, messages, correlationId) =>
    send(
      topic,
      messages.map((message) => ({
        key: message.identifier,
        value: JSON.stringify(message),
        headers: { correlation_id: correlationId },
      })),
    );
  return {
    sent,
    messages: (topic) =>
      sent.filter((record) => record.topic === topic).map((record) => JSON.parse(String(record.value))),
    publish: (topic, message, correlationId) => publishAll(topic, [message], correlationId),
    publishAll,
    send,
    close: async () => {},
  };
}
