/** Pure drawing of what the terminal shows: bars, sparklines, tables. */

const BLOCKS = '▁▂▃▄▅▆▇█';

export function bar(share: number, width = 20): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

/** One character a value, on a scale common to all series that are drawn together. */
export function sparkline(values: readonly (number | null)[], min: number, max: number): string {
  const span = max - min || 1;
  return values
    .map((value) =>
      value === null
        ? ' '
        : (BLOCKS[Math.min(7, Math.max(0, Math.floor(((value - min) / span) * 8)))] ?? ' '),
    )
    .join('');
}

/** Columns padded to their widest cell; numbers to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === row.length - 1
          ? cell.padEnd(widths[column] ?? 0)
          : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return value.toFixed(3).replace(/^0\./u, '.');
}

/** Prints lines that replace each other on a terminal, and each change once where output goes to a file. */
export function createScreen(output: NodeJS.WriteStream): {
  draw(lines: readonly string[]): void;
  settle(): void;
} {
  let drawn: readonly string[] = [];
  const seen = new Set<string>();
  return {
    draw: (lines) => {
      if (output.isTTY) {
        const up = drawn.length === 0 ? '' : `\u001b[${drawn.length}A`;
        // A line that wraps would throw the count of lines off.
        const width = output.columns - 1;
        output.write(up + lines.map((line) => `\u001b[2K${line.slice(0, width)}\n`).join(''));
      } else {
        for (const line of lines.filter((each) => !seen.has(each))) output.write(`${line}\n`);
        for (const line of lines) seen.add(line);
      }
      drawn = lines;
    },
    settle: () => {
      drawn = [];
    },
  };
}
