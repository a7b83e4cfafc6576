import { describe, expect, it } from 'vitest';
import { notification } from '../../test/notifications.ts';
import { notificationSchema, toS3EventRecord, type S3EventRecord } from './event.ts';
import { matchingRule, type S3Rule } from './filter.ts';

function record(key: string, eventName = 's3:ObjectCreated:Put'): S3EventRecord {
  const { Records } = notificationSchema.parse(JSON.parse(String(notification({ key, eventName }).value)));
  return toS3EventRecord(Records[0]!, 'eu-west-1');
}

const rule: S3Rule = { bucket: 'uploads', event: 's3:ObjectCreated:*', prefix: '', suffix: '' };

describe('matchingRule', () => {
  it('compares bucket and event, with a star for any', () => {
    expect(matchingRule(record('a'), [rule])).toBe(rule);
    expect(matchingRule(record('a'), [{ ...rule, bucket: 'other' }])).toBeUndefined();
    expect(matchingRule(record('a', 's3:ObjectRemoved:Delete'), [rule])).toBeUndefined();
    const copy: S3Rule = { ...rule, event: 's3:ObjectCreated:Copy' };
    expect(matchingRule(record('a'), [copy])).toBeUndefined();
    expect(matchingRule(record('a', 's3:ObjectCreated:Copy'), [copy])).toBe(copy);
  });

  it('compares prefix and suffix with the decoded key', () => {
    const only: S3Rule = { ...rule, prefix: 'in box/', suffix: 'é.csv' };
    expect(matchingRule(record('in box/é.csv'), [only])).toBe(only);
    expect(matchingRule(record('inbox/é.csv'), [only])).toBeUndefined();
    expect(matchingRule(record('in box/e.csv'), [only])).toBeUndefined();
  });

  it('gives the first of several', () => {
    const other = { ...rule, prefix: 'x' };
    expect(matchingRule(record('x'), [other, rule])).toBe(other);
  });
});
