import { nameOf, type KerasLayer, type KerasNode } from './keras.ts';

/** Settings of a layer that do not change what it answers. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'name',
  'trainable',
  'dtype',
  'unit_forget_bias',
  'implementation',
  'unroll',
  'seed',
  'dropout',
  'recurrent_dropout',
  'supports_masking',
  'sparse',
  'ragged',
]);
const OF_TRAINING = /_(?:initializer|regularizer|constraint)$/u;

/**
 * Whether layers do the same, in the same order, whatever they are called. A setting that is not among the expected ones has
 * to be off, or without a say in the answers.
 */
export function sameLayers(expected: readonly KerasLayer[], actual: readonly KerasLayer[]): boolean {
  return (
    expected.length === actual.length &&
    expected.every(({ class_name, config }, index) => {
      const other = actual[index];
      return other?.class_name === class_name && sameConfig(config, other.config);
    })
  );
}

/** Like sameLayers, and whether they read each other alike. */
export function sameNodes(expected: readonly KerasNode[], actual: readonly KerasNode[]): boolean {
  return sameLayers(expected, actual) && sources(expected) === sources(actual);
}

function sources(nodes: readonly KerasNode[]): string {
  const numbers = new Map(nodes.map((node, index) => [nameOf(node), index]));
  return JSON.stringify(nodes.map(({ from }) => from.map((name) => numbers.get(name))));
}

function sameConfig(expected: object, actual: object): boolean {
  const [own, other] = [new Map(Object.entries(expected)), new Map(Object.entries(actual))];
  for (const key of new Set([...own.keys(), ...other.keys()])) {
    if (WITHOUT_EFFECT.has(key) || OF_TRAINING.test(key)) continue;
    if (!sameValue(own.get(key), other.get(key))) return false;
  }
  return true;
}

function sameValue(expected: unknown, actual: unknown): boolean {
  if (expected === undefined) return actual === null || actual === false || actual === undefined;
  // A layer within a layer.
  if (isObject(expected) && isObject(actual)) return sameConfig(expected, actual);
  return JSON.stringify(expected) === JSON.stringify(actual);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
