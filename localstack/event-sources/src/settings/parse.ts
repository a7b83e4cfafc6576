// Parses one event or section, and says where the error is: function, event, key, expected, got.
import type { z } from 'zod';
import { EventSourceError } from '../errors.ts';

/** @throws EventSourceError EVENT_SOURCE_SETTING_INVALID naming `place` and every offending key. */
export function parseSettings<T>(schema: z.ZodType<T>, value: unknown, place: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => describeIssue(issue, value)).join('; ');
  throw new EventSourceError(`${place}: ${problems}`, {
    name: 'EventSourceSettingError',
    code: 'EVENT_SOURCE_SETTING_INVALID',
    retryable: false,
  });
}

function describeIssue(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    const where = issue.path.length === 0 ? '' : ` in ${issue.path.join('.')}`;
    return `expected only supported keys${where}, got ${issue.keys.join(', ')} (not supported)`;
  }
  const key = issue.path.length === 0 ? 'value' : issue.path.join('.');
  return `${key}: ${issue.message}, got ${show(valueAt(value, issue.path))}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
