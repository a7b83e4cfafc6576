/** How much of a partition is kept, by its topic's settings, whose names are in quotes. */
export interface Retention {
  /** `segment.bytes`: a segment that would grow beyond it is closed, and another begun. */
  readonly segmentBytes: number;
  /** `segment.ms`: so is one whose first record is older than the new one by more. */
  readonly segmentMs: number;
  /** `retention.ms`; -1: for ever. Always so where `cleanup.policy` has no delete. */
  readonly retentionMs: number;
  /** `retention.bytes`; -1: any number. Always so where `cleanup.policy` has no delete. */
  readonly retentionBytes: number;
  /** Whether `cleanup.policy` has delete, as it has where the topic says nothing. */
  readonly deletes: boolean;
  /** Whether `cleanup.policy` has compact: of each key the last record stays. */
  readonly compacts: boolean;
  /** `min.cleanable.dirty.ratio`: a log is compacted once so much of its closed segments is new. */
  readonly dirtyRatio: number;
  /** `delete.retention.ms`: how long a compacted log still shows tombstones. */
  readonly deleteRetentionMs: number;
}

interface Range {
  readonly fallback: number;
  readonly least: number;
  readonly most?: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Kafka's defaults, but for records that are kept for ever and smaller segments. */
const NUMBERS = {
  'segment.bytes': { fallback: 64 * 1024 * 1024, least: 14 },
  'segment.ms': { fallback: 7 * DAY_MS, least: 1 },
  'retention.ms': { fallback: -1, least: -1 },
  'retention.bytes': { fallback: -1, least: -1 },
  'delete.retention.ms': { fallback: DAY_MS, least: 0 },
  'min.cleanable.dirty.ratio': { fallback: 0.5, least: 0, most: 1 },
} as const satisfies Record<string, Range>;

type NumberSetting = keyof typeof NUMBERS;
type Config = Readonly<Record<string, string>>;
const POLICY = 'cleanup.policy';
/** Not a number of bytes or milliseconds. */
const FRACTION: NumberSetting = 'min.cleanable.dirty.ratio';

/** The first setting that has none of the values that it may have. */
export function invalidRetention(config: Config): NumberSetting | typeof POLICY | undefined {
  if (policiesOf(config).some((policy) => policy !== 'compact' && policy !== 'delete')) return POLICY;
  return Object.keys(NUMBERS)
    .filter(isNumberSetting)
    .find((name) => {
      const { least, most = Number.MAX_SAFE_INTEGER }: Range = NUMBERS[name];
      const value = numberOf(config, name);
      const isWhole = name === FRACTION || Number.isSafeInteger(value);
      return !isWhole || !(value >= least && value <= most);
    });
}

export function retentionOf(config: Config): Retention {
  const policies = policiesOf(config);
  const deletes = policies.includes('delete');
  return {
    segmentBytes: numberOf(config, 'segment.bytes'),
    segmentMs: numberOf(config, 'segment.ms'),
    retentionMs: deletes ? numberOf(config, 'retention.ms') : -1,
    retentionBytes: deletes ? numberOf(config, 'retention.bytes') : -1,
    deletes,
    compacts: policies.includes('compact'),
    dirtyRatio: numberOf(config, FRACTION),
    deleteRetentionMs: numberOf(config, 'delete.retention.ms'),
  };
}

function isNumberSetting(name: string): name is NumberSetting {
  return name in NUMBERS;
}

function numberOf(config: Config, name: NumberSetting): number {
  const text = config[name];
  return text === undefined ? NUMBERS[name].fallback : Number(text);
}

function policiesOf(config: Config): string[] {
  return (config[POLICY] ?? 'delete').split(',').map((policy) => policy.trim());
}
