import { describe, expect, it } from 'vitest';
import { queueConfiguration } from './configuration.ts';
import type { S3Rule } from './filter.ts';

const rule: S3Rule = { bucket: 'b', event: 's3:ObjectCreated:*', prefix: 'in/', suffix: '.csv' };

describe('queueConfiguration', () => {
  it('carries events and key filter of the one rule', () => {
    expect(queueConfiguration({ id: 'i', queueArn: 'q', rules: [rule, rule] })).toEqual({
      Id: 'i',
      QueueArn: 'q',
      Events: ['s3:ObjectCreated:*'],
      Filter: {
        Key: {
          FilterRules: [
            { Name: 'prefix', Value: 'in/' },
            { Name: 'suffix', Value: '.csv' },
          ],
        },
      },
    });
  });

  it('joins the events of several rules and drops a filter that they do not share', () => {
    const removed: S3Rule = { ...rule, event: 's3:ObjectRemoved:*', prefix: 'out/', suffix: '.csv' };
    expect(queueConfiguration({ id: 'i', queueArn: 'q', rules: [rule, removed] })).toMatchObject({
      Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'],
      Filter: { Key: { FilterRules: [{ Name: 'suffix', Value: '.csv' }] } },
    });
  });
});
