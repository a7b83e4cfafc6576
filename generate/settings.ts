import { SETTING_GROUPS, type SettingGroup } from '../functions/shared/settings/settings.ts';
import { written, type Setting } from '../functions/shared/settings/setting.ts';
import type { Block } from './blocks.ts';
import { table } from './markdown.ts';

const groups: readonly (readonly [string, SettingGroup])[] = Object.entries(SETTING_GROUPS);

/** docs/settings.md: a table a group. */
export function settingsTables(): Block[] {
  return groups.map(([name, { rows }]) => ({
    file: 'docs/settings.md',
    name: `settings of ${name}`,
    text: table(['setting', 'default', 'what it does'], Object.entries(rows).map(rowOf)),
  }));
}

function rowOf([name, { schema, says, unit, when, standard: named }]: readonly [string, Setting]): string[] {
  const standard = schema.safeParse(undefined);
  const value = named ?? (standard.success ? written(standard.data) : '(needed)');
  const condition = when === undefined ? '' : ` Where ${when.says}.`;
  const counted = unit === undefined || value === '' ? '' : ` ${unit}`;
  return [`\`${name}\``, value === '' ? '' : `${value}${counted}`, `${says}${condition}`];
}

/** The variables of each group, for the functions of serverless.yml to take in; empty means the default. */
export function settingsOfServerless(): Block {
  const text = groups
    .filter(([name]) => name !== 'services')
    .map(([name, { rows }]) => [
      `${name}: &settings-${name}`,
      ...Object.keys(rows).map((variable) => `  ${variable}: \${env:${variable}, ''}`),
    ])
    .flat();
  return {
    file: 'serverless.yml',
    name: 'settings',
    text: ['settings:', ...text.map((line) => `  ${line}`)].join('\n'),
  };
}
