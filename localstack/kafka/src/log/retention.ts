/** How much of a partition is kept, by its topic's settings. */
export interface Retention {
  /** `segment.bytes`: a segment that would grow beyond it is closed, and another begun. */
  readonly segmentBytes: number;
  /** `retention.ms`; -1: for ever. */
  readonly retentionMs: number;
  /** `retention.bytes`; -1: any number. */
  readonly retentionBytes: number;
}

/** Records are kept for ever where their topic does not say otherwise. */
const DEFAULTS = { 'segment.bytes': 64 * 1024 * 1024, 'retention.ms': -1, 'retention.bytes': -1 } as const;
const LEAST = { 'segment.bytes': 14, 'retention.ms': -1, 'retention.bytes': -1 } as const;

type Setting = keyof typeof DEFAULTS;
const SETTINGS = Object.keys(DEFAULTS) as Setting[];

/** The first setting that is no integer from its least value on. */
export function invalidRetention(config: Readonly<Record<string, string>>): Setting | undefined {
  return SETTINGS.find((name) => {
    const value = Number(config[name] ?? DEFAULTS[name]);
    return !Number.isSafeInteger(value) || value < LEAST[name];
  });
}

export function retentionOf(config: Readonly<Record<string, string>>): Retention {
  const [segmentBytes = 0, retentionMs = 0, retentionBytes = 0] = SETTINGS.map((name) =>
    Number(config[name] ?? DEFAULTS[name]),
  );
  return { segmentBytes, retentionMs, retentionBytes };
}
