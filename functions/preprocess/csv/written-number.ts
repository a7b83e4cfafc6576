import { LARGEST_NUMBER } from '../../shared/dataset/rules.ts';

export type DecimalSign = '.' | ',';

/** A number as people and spreadsheets write it. */
export interface WrittenNumber {
  /** Read with a decimal point, and with a decimal comma; undefined where it cannot be read so. */
  readonly values: Readonly<Record<DecimalSign, number | undefined>>;
  /** For which decimal signs the other one, `,` or `.`, parts its thousands. */
  readonly grouped: Readonly<Record<DecimalSign, boolean>>;
  /** Digits of a number that has neither sign nor groups; 0 of one that has. */
  readonly bareDigits: number;
  /** What it is a number of: a currency's sign, %, or nothing. */
  readonly unit: string;
  /** Whether brackets or a minus after it say that it is negative. */
  readonly isBookkept: boolean;
}

const CURRENCY_BEFORE = /^\p{Sc}\s*/u;
const UNIT_AFTER = /\s*(?:\p{Sc}|%)$/u;
const SIGN = /^[+\-\u2212]\s*/u;
const CORE = /^(?=.*\d)[\d.,'\u2019 \u00a0\u2009\u202f]+(?:e[+-]?\d+)?$/iu;
const EXPONENT = String.raw`(?:e[+-]?\d+)?`;
/** Whole digits, or groups of three that all have the same sign between them, before the decimal sign. */
const SHAPES: Readonly<Record<DecimalSign, RegExp>> = {
  '.': new RegExp(
    String.raw`^(?:\d+|[1-9]\d{0,2}([,'\u2019 \u00a0\u2009\u202f])\d{3}(?:\1\d{3})*)?(?:\.\d*)?${EXPONENT}$`,
    'iu',
  ),
  ',': new RegExp(
    String.raw`^(?:\d+|[1-9]\d{0,2}([.'\u2019 \u00a0\u2009\u202f])\d{3}(?:\1\d{3})*)?(?:,\d*)?${EXPONENT}$`,
    'iu',
  ),
};

/** The number in a cell, with brackets, a currency's sign, % and parted thousands or not; undefined where it is none. */
export function writtenNumber(cell: string): WrittenNumber | undefined {
  const signed = signOf(cell.trim());
  if (signed === undefined || !CORE.test(signed.core)) return undefined;
  const { core, isNegative, unit, isBookkept } = signed;
  const read = (decimal: DecimalSign): number | undefined => {
    const value = valueOf(core, decimal);
    return value === undefined || !isNegative ? value : -value;
  };
  const values = { '.': read('.'), ',': read(',') };
  if (values['.'] === undefined && values[','] === undefined) return undefined;
  const isGrouped = (decimal: DecimalSign): boolean => /^[.,]$/u.test(SHAPES[decimal].exec(core)?.[1] ?? '');
  return {
    values,
    grouped: { '.': isGrouped('.'), ',': isGrouped(',') },
    bareDigits: /^\d+$/u.test(core) ? core.length : 0,
    unit,
    isBookkept,
  };
}

interface Signed {
  readonly core: string;
  readonly isNegative: boolean;
  readonly unit: string;
  readonly isBookkept: boolean;
}

/** What is left of a number without its signs; undefined where it has two of a kind. */
function signOf(text: string): Signed | undefined {
  const inner = /^\((.*)\)$/u.exec(text)?.[1]?.trim();
  let core = inner ?? text;
  const minuses: string[] = inner === undefined ? [] : ['('];
  const units: string[] = [];
  const take = (pattern: RegExp, into: string[]): void => {
    const found = pattern.exec(core)?.[0];
    if (found === undefined) return;
    into.push(found.trim());
    core = core.replace(pattern, '');
  };
  take(SIGN, minuses);
  take(CURRENCY_BEFORE, units);
  if (units.length > 0) take(SIGN, minuses);
  take(UNIT_AFTER, units);
  const before = minuses.length;
  take(/\s*-$/u, minuses);
  if (minuses.length > 1 || units.length > 1) return undefined;
  const [minus = '+'] = minuses;
  const isBookkept = inner !== undefined || minuses.length > before;
  return { core, isNegative: minus !== '+', unit: units[0] ?? '', isBookkept };
}

function valueOf(core: string, decimal: DecimalSign): number | undefined {
  if (!SHAPES[decimal].test(core)) return undefined;
  const digits = core.replaceAll(decimal === '.' ? /[,'\u2019\s]/gu : /[.'\u2019\s]/gu, '').replace(',', '.');
  const value = Number(digits);
  return Math.abs(value) <= LARGEST_NUMBER ? value : undefined;
}
