import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  SETTING_GROUPS,
  type GroupName,
  type SettingGroup,
} from '../../functions/shared/settings/settings.ts';
import { ROOT } from '../support/running-stack.ts';

interface Service {
  readonly provider: { readonly environment: Readonly<Record<string, string>> };
  readonly functions: Readonly<Record<string, { readonly environment?: Readonly<Record<string, string>> }>>;
}

const { provider, functions }: Service = parse(readFileSync(`${ROOT}serverless.yml`, 'utf8'), {
  merge: true,
});

/** What Lambda takes of names and values together. */
const LAMBDA_BYTES = 4096;
/** Room for a value that a user sets; the addresses of three brokers, a URL and a token are longer, the rest is shorter. */
const VALUE_BYTES = 24;

const HTTP: readonly GroupName[] = ['serving', 'access'];
const READS: Readonly<Record<string, readonly GroupName[]>> = {
  preprocess: ['data', 'control', 'training'],
  evaluate: ['kernels'],
  infer: ['serving'],
  record: [],
  'give-up': [],
  predict: HTTP,
  gateway: HTTP,
};
const OWN = ['MODEL_TYPE'];

const namesOf = (groups: readonly GroupName[]): string[] =>
  groups.flatMap((name) => Object.keys((SETTING_GROUPS[name] as SettingGroup).rows));

describe('the environment of serverless.yml', () => {
  it('gives every function where the services are', () => {
    expect(Object.keys(provider.environment).toSorted()).toEqual(namesOf(['services']).toSorted());
  });

  it.each(Object.keys(functions))('gives %s the settings that it reads, and no others', (name) => {
    const own = Object.keys(functions[name]?.environment ?? {}).filter((each) => !OWN.includes(each));
    const groups = READS[name] ?? (name.startsWith('train-') ? ['training', 'kernels'] : undefined);
    expect(groups, `what ${name} reads`).toBeDefined();
    expect(own.toSorted()).toEqual([...new Set(namesOf(groups ?? []))].toSorted());
  });

  it.each(Object.keys(functions))('leaves %s below what Lambda takes', (name) => {
    const variables = Object.keys({ ...provider.environment, ...functions[name]?.environment });
    const bytes = variables.reduce((sum, each) => sum + each.length + VALUE_BYTES, 0) + 400;
    expect(bytes).toBeLessThan(LAMBDA_BYTES);
  });
});
