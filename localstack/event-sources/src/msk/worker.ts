// Works one partition: gathers a batch, has it handled, and commits once it has had its effect.
import type { PartitionSource } from '../kafka/partition-source.ts';
import { gatherBatch } from './batch.ts';
import { workBatch } from './batch-work.ts';
import type { PartitionWork } from './partition-work.ts';
import { RecordBuffer } from './record-buffer.ts';

/** Works until the source closes. Never rejects. */
export async function workPartition(source: PartitionSource, work: PartitionWork): Promise<void> {
  const buffer = new RecordBuffer(source, work.filter);
  while (!source.signal.aborted) {
    const batch = await gatherBatch(source, buffer, work.limits);
    if (batch.length === 0 && source.signal.aborted) return;
    const isHandled = batch.length === 0 || (await workBatch(source, batch, work));
    // Beyond the batch, this passes over what was filtered behind it.
    if (isHandled && buffer.end !== undefined) await source.commit(buffer.end);
  }
}
