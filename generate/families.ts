import { FAMILIES } from '@flts/model-runtime/families';
import { table } from './markdown.ts';
import type { Block } from './blocks.ts';

export function familiesTable(): Block {
  const rows = FAMILIES.map(({ type, summary, fits, trainer, combines }) => [
    `\`${type}\``,
    summary,
    fits,
    trainer === null
      ? `evaluate, ${combines === undefined ? 'as a baseline' : 'of the others'}`
      : `\`${trainer}\``,
  ]);
  const head = ['type', 'what it is', 'fits', 'fitted by'];
  return { file: 'docs/families.md', name: 'families', text: table(head, rows) };
}
