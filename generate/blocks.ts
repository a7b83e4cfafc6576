// Blocks of committed files that follow from a table in the code. They lie between marks, so that people read and change the
// rest of the file as any other.
import { readFile, writeFile } from 'node:fs/promises';

export interface Block {
  /** Path from the repository's root. */
  readonly file: string;
  /** Unique in its file. */
  readonly name: string;
  /** Lines without the marks; indented as the mark is. */
  readonly text: string;
}

/** Marks are comments: of YAML, or of Markdown. The text between them is group 3. */
function marked(name: string): RegExp {
  const begin = String.raw`^([ ]*)(#|<!--) generated: ${name}(?:, by npm run generate)?(?: -->)?\n`;
  return new RegExp(String.raw`${begin}([^]*?)^[ ]*(?:#|<!--) end of ${name}(?: -->)?$`, 'mu');
}

/**
 * The file's text with the block in its place.
 * @throws Error where the file has no such marks
 */
export function withBlock(source: string, { file, name, text }: Block): string {
  const match = marked(name).exec(source);
  if (match === null) throw new Error(`${file}: expected marks of the generated block ${name}, got none`);
  const [whole, indent = '', comment, old = ''] = match;
  const lines = text.split('\n').map((line) => (line === '' ? '' : `${indent}${line}`));
  const padding = comment === '#' ? '' : '\n';
  const from = match.index + whole.indexOf('\n') + 1;
  return `${source.slice(0, from)}${padding}${lines.join('\n')}\n${padding}${source.slice(from + old.length)}`;
}

/** Writes every block that differs, or only tells which files do. */
export async function generate(blocks: readonly Block[], { write }: { write: boolean }): Promise<string[]> {
  const changed: string[] = [];
  for (const file of new Set(blocks.map((block) => block.file))) {
    const source = await readFile(file, 'utf8');
    const text = blocks
      .filter((block) => block.file === file)
      .reduce((before, block) => withBlock(before, block), source);
    if (text === source) continue;
    changed.push(file);
    if (write) await writeFile(file, text);
  }
  return changed;
}
