import { invalid } from '../errors.ts';

/** A request's fields, of its JSON body or its query. camelCase is accepted; unknown fields are ignored. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;

  /** @throws ApiError where a field comes in both spellings */
  constructor(values: Readonly<Record<string, unknown>>) {
    const fields: Record<string, unknown> = {};
    for (const [given, value] of Object.entries(values)) {
      const name = given.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
      if (Object.hasOwn(fields, name))
        throw invalid(`Request specifies '${name}' in two spellings; provide only one of them.`);
      fields[name] = value;
    }
    this.#values = fields;
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined)
      throw invalid(
        `Missing value for required parameter '${name}'. See the API docs for more information about request parameters.`,
      );
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.#values[name] ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    const type = typeof value === 'number' ? 'int' : typeof value;
    throw invalid(
      `Invalid value ${JSON.stringify(value)} for parameter '${name}' supplied:  Hint: Value was of type '${type}'. See the API docs for more information about request parameters.`,
    );
  }

  /** A number, or a string of one, as int64 fields allow. */
  integer(name: string): number {
    const value = this.optionalInteger(name);
    if (value === undefined)
      throw invalid(
        `Missing value for required parameter '${name}'. See the API docs for more information about request parameters.`,
      );
    return value;
  }

  optionalInteger(name: string): number | undefined {
    const value = this.#values[name] ?? undefined;
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && /^-?\d+$/u.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number)) return number;
    throw invalid(
      `Invalid value ${JSON.stringify(value)} for parameter '${name}' supplied. See the API docs for more information about request parameters.`,
    );
  }

  /** A metric's value: a number, or "NaN", "Infinity", "-Infinity" or a number as a string. */
  metric(name: string): number {
    const value = this.#values[name];
    if (typeof value === 'number') return value;
    if (value === 'NaN') return Number.NaN;
    if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)))
      return Number(value);
    throw invalid(
      `Missing or invalid value for required parameter '${name}', got ${JSON.stringify(value ?? null)}.`,
    );
  }

  list(name: string): Fields[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map((item) => new Fields(Object(item))) : [];
  }

  texts(name: string): string[] {
    const value = this.#values[name];
    if (typeof value === 'string') return [value];
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  }
}
