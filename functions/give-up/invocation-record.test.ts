import { describe, expect, it } from 'vitest';
import { claimSettings, readSettings } from '../shared/settings/settings.ts';
import { context, failures, mskEvent, mskRecord } from '../shared/testing/events.ts';
import { createMemoryServices } from '../shared/testing/memory-services.ts';
import { TOPICS } from '../shared/topics.ts';
import { createHandler } from './create-handler.ts';

const AT = '2024-05-01T10:00:00.000Z';
const training = (claim_id: string) => ({
  v: 1,
  identifier: 'load',
  config_hash: 'config',
  claim_id,
  claimed_at: AT,
  produced_at: AT,
  settings: readSettings(claimSettings.shape, {}),
});

/** What AWS's mapping writes to a kafka:// destination: the failed records inside an account of the invoke. */
const invocationRecord = (...claimIds: readonly string[]) => ({
  version: '1.0',
  timestamp: '2024-05-01T11:00:00.000Z',
  requestContext: {
    requestId: '0',
    functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:flts-prod-train-gru:$LATEST',
    condition: 'RetryAttemptsExhausted',
    approximateInvokeCount: 41,
  },
  responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
  KafkaBatchInfo: { batchSize: claimIds.length },
  payload: {
    eventSource: 'aws:kafka',
    records: {
      'training-data-0': claimIds.map((claim_id, offset) =>
        mskRecord({
          topic: 'training-data',
          offset,
          value: training(claim_id),
          headers: { correlation_id: claim_id },
        }),
      ),
    },
  },
});

async function giveUp(value: unknown) {
  const world = createMemoryServices();
  const event = mskEvent(mskRecord({ topic: 'DLQ-training-data', value }));
  const failed = failures(await createHandler(world.services)(event, context));
  return { ...world, failed, outcomes: world.publisher.messages(TOPICS.modelTraining) };
}

describe("a letter in AWS's form", () => {
  it('ends the waiting for each training claim in it, with the function that its ARN names', async () => {
    const { failed, outcomes, publisher } = await giveUp(invocationRecord('claim-1', 'claim-2'));
    expect(failed).toEqual({});
    expect(
      outcomes.map(({ claim_id, status, model_type, error }) => ({ claim_id, status, model_type, error })),
    ).toEqual(
      ['claim-1', 'claim-2'].map((claim_id) => ({
        claim_id,
        status: 'FAILED',
        model_type: 'GRU',
        error: {
          name: 'FunctionError',
          code: 'RetryAttemptsExhausted',
          message: 'given up by the event source mapping after 41 invokes (Unhandled)',
        },
      })),
    );
    expect(publisher.sent.map(({ headers }) => headers?.['correlation_id'])).toEqual(['claim-1', 'claim-2']);
  });

  it('without records in it is logged by its place', async () => {
    const { outcomes, log } = await giveUp({ ...invocationRecord(), payload: null });
    expect(outcomes).toEqual([]);
    expect(log.lines).toContainEqual(
      expect.objectContaining({ event: 'dead_letter_unreadable', topic: 'DLQ-training-data' }),
    );
  });
});
