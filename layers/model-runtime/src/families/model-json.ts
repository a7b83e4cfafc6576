import { z } from 'zod';
import { CALENDAR_FEATURES, HOLIDAY_FEATURE } from '../calendar/calendar.ts';

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

const names = z.array(z.string());
const months = z.object({ count: z.number().int().min(1), day: z.number().int().min(1).max(31) }).optional();

/** What every model.json says of its model, but for modelType, which each family knows of itself. */
export const modelInfo = z.object({
  contextRows: z.number().int().min(0),
  horizon: z.number().int().min(1).nullable(),
  roles: z.object({ targets: names.min(1), past: names, future: names }),
  calendar: z.object({
    timeZone: z.string().refine(isTimeZone, 'expected the IANA name of a time zone'),
    features: z.array(z.enum([...CALENDAR_FEATURES, HOLIDAY_FEATURE])),
    months,
    holidays: z.array(z.iso.date()).optional(),
  }),
  history: z
    .object({ lags: z.array(z.number().int().min(1)), means: z.array(z.number().int().min(2)) })
    .optional(),
  frequency: z.object({ stepMs: z.number().positive(), businessDays: z.boolean(), months }),
});
