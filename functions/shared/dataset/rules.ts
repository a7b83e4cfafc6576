/** Squares of larger numbers are no numbers, nor is a variance or an error of theirs. */
export const LARGEST_NUMBER = 1e150;

/** How times are read that could be read in two ways; empty: they are refused. */
export const DATE_FORMATS = ['', 'DD/MM/YYYY', 'MM/DD/YYYY', 'YYYYMMDDHHmm', 'epoch'] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

/** What the calendar's columns may tell of; each is a sine and a cosine. */
export const TIME_FEATURES = ['minute_of_day', 'day_of_week', 'day_of_year', 'hour', 'month'] as const;

/** What settings may say of rows and cells; meta.json holds it, so that serving does alike. */
export const FILL_METHODS = ['neighbours', 'ffill', 'mean'] as const;
export type FillMethod = (typeof FILL_METHODS)[number];

export const DUPLICATE_RULES = ['last', 'mean', 'error'] as const;
export type DuplicateRule = (typeof DUPLICATE_RULES)[number];
/** auto: the last, where it is an exception that a time comes again with other values. */
export const DUPLICATE_SETTINGS = ['auto', ...DUPLICATE_RULES] as const;
export type DuplicateSetting = (typeof DUPLICATE_SETTINGS)[number];

export const RESAMPLE_METHODS = ['mean', 'last', 'sum'] as const;
export type ResampleMethod = (typeof RESAMPLE_METHODS)[number];
