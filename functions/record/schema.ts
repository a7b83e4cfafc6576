import { z } from 'zod';
import { envelope, resultLine } from '../shared/messages/schema.ts';

/** A line is checked against resultLine and kept as it came, with fields that this version does not know. */
const line = z.record(z.string(), z.unknown()).superRefine((value, context) => {
  for (const issue of resultLine.safeParse(value).error?.issues ?? [])
    context.addIssue({ code: 'custom', message: issue.message, path: [...issue.path] });
});

/** A message of inference-results. */
export const recordedResult = envelope.extend({ line });
export type RecordedResult = z.infer<typeof recordedResult>;
