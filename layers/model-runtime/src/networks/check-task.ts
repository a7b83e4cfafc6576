import { LOSSES } from '../kernels/batch.ts';
import { RuntimeError } from '../errors.ts';
import type { TrainSettings, TrainTask } from '../types.ts';
import { inputNames } from '../windows/windows.ts';

interface Rule {
  readonly allowed: string;
  readonly allows: (value: unknown) => boolean;
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const wholeFrom = (least: number, most = Number.MAX_SAFE_INTEGER): Rule => ({
  allowed:
    most === Number.MAX_SAFE_INTEGER
      ? `a whole number from ${least} on`
      : `a whole number from ${least} to ${most}`,
  allows: (value) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most,
});
const oneOf = (...values: readonly unknown[]): Rule => ({
  allowed: values.join(' or '),
  allows: (value) => values.includes(value),
});
const orNothing = ({ allowed, allows }: Rule): Rule => ({
  allowed,
  allows: (value) => value === undefined || allows(value),
});
const notNegative: Rule = { allowed: 'a number from 0 on', allows: (value) => isNumber(value) && value >= 0 };

const RULES: Readonly<Record<keyof TrainSettings, Rule>> = {
  inputSeqLen: wholeFrom(1),
  outputSeqLen: wholeFrom(1),
  epochs: wholeFrom(1),
  batchSize: wholeFrom(1),
  learningRate: { allowed: 'a number above 0', allows: (value) => isNumber(value) && value > 0 },
  hiddenSize: wholeFrom(1),
  numLayers: wholeFrom(1),
  earlyStopping: oneOf(true, false),
  earlyStoppingPatience: wholeFrom(1),
  seed: wholeFrom(0, 2 ** 31 - 1),
  backend: oneOf('wasm', 'node'),
  loss: orNothing(oneOf(...LOSSES)),
  dropout: orNothing({
    allowed: 'a number from 0 on, below 1',
    allows: (value) => isNumber(value) && value >= 0 && value < 1,
  }),
  weightDecay: orNothing(notNegative),
  clipNorm: orNothing(notNegative),
  fastMath: orNothing(oneOf(true, false)),
};

/**
 * What can be said of a network's task before any of its numbers is read.
 * @throws RuntimeError setting_invalid, shape_mismatch, feature_count_mismatch, with what is allowed and what came
 */
export function checkTask({ settings, series, segments, roles }: TrainTask): void {
  for (const [name, { allowed, allows }] of Object.entries(RULES)) {
    const value: unknown = Object.entries(settings).find(([key]) => key === name)?.[1];
    if (!allows(value))
      throw new RuntimeError(
        'setting_invalid',
        `expected settings.${name} to be ${allowed}, got ${String(value)}`,
      );
  }
  if (roles.targets.length === 0)
    throw new RuntimeError('feature_count_mismatch', 'expected at least one target, got 0');
  const rows = series.ts.length;
  checkRows('series.block', series.block.length, rows);
  for (const name of inputNames(roles)) {
    const column = series.columns[name];
    if (column !== undefined) checkRows(`column ${name}`, column.length, rows);
  }
  for (const [name, { start, end }] of Object.entries(segments)) {
    if (start >= 0 && start <= end && end <= rows) continue;
    throw new RuntimeError(
      'shape_mismatch',
      `expected ${name} within the ${rows} rows of the series, got rows ${start} to ${end}`,
    );
  }
}

function checkRows(what: string, got: number, rows: number): void {
  if (got !== rows)
    throw new RuntimeError('shape_mismatch', `expected ${rows} rows in ${what}, as in series.ts, got ${got}`);
}
