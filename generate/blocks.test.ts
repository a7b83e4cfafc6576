import { describe, expect, it } from 'vitest';
import { withBlock } from './blocks.ts';

describe('a generated block', () => {
  it('takes the place of what lies between its marks, as far in as they are', () => {
    const yaml = 'a:\n  # generated: inner, by npm run generate\n  old: 1\n  # end of inner\n  b: 2\n';
    const block = { file: 'x.yml', name: 'inner', text: 'new: 1\n\nnewer: 2' };
    const once = withBlock(yaml, block);
    expect(once).toBe(
      'a:\n  # generated: inner, by npm run generate\n  new: 1\n\n  newer: 2\n  # end of inner\n  b: 2\n',
    );
    expect(withBlock(once, block)).toBe(once);
  });

  it('stands apart from Markdown comments, which end a paragraph only so', () => {
    const markdown = '<!-- generated: table -->\n<!-- end of table -->\n';
    const block = { file: 'x.md', name: 'table', text: '| a |' };
    const once = withBlock(markdown, block);
    expect(once).toBe('<!-- generated: table -->\n\n| a |\n\n<!-- end of table -->\n');
    expect(withBlock(once, block)).toBe(once);
  });

  it('is an error where the file has no marks for it', () => {
    expect(() => withBlock('a: 1\n', { file: 'x.yml', name: 'inner', text: '' })).toThrow(
      'x.yml: expected marks of the generated block inner, got none',
    );
  });
});
