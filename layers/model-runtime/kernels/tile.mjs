/**
 * Writes the module `./tile` of the kernels: one tile of the matrix product, the sums of which stay in registers for all of
 * its depth. AssemblyScript has no arrays of vectors that do, and no functions that answer several, so each sum is a variable
 * of its own, and what repeats is written here. `node layers/model-runtime/kernels/tile.mjs` prints it.
 *
 * A tile is 4 columns x 8 rows: eight sums of 128 bits, which, with the loads, V8 keeps in its 15 registers. Two tiles of the
 * same columns side by side, 16 rows, are eight sums where V8 makes one vector of 256 bits out of two of 128.
 *
 * The loop takes four steps a round and asks after each whether it was the last. The questions cost less than what V8 adds
 * to a round, and they keep it from moving the loads of all steps to the front, for which there are not enough registers.
 */
const COLUMNS = 4;
const VECTOR = 16;
const PANEL = 32;
const STEPS = 4;

const columns = [...Array.from({ length: COLUMNS }).keys()];
const halves = [0, 1];

/** `wide`: whether products are to take two tiles at a time. */
export function tileSource(wide) {
  return [
    "import { madd } from './vector';",
    `/** Whether two panels at a time are faster than one: where vectors have 256 bits. */\n@inline\nexport const WIDE: bool = ${wide};`,
    tile('tile', ['a'], STEPS),
    tile('twoTiles', ['a', 'b'], 1),
    '',
  ].join('\n\n');
}

/** A function for the tiles of as many panels as there are names, at a depth of 1 or more. */
function tile(name, panels, steps) {
  const sums = panels.flatMap((panel) =>
    columns.flatMap((column) => halves.map((half) => sum(panel, column, half))),
  );
  const outs = panels.map(out);
  const parameters = ['depth', ...outs, 'bias', ...panels, 'w'].map((each) => `${each}: usize`);
  const ofSums = (line) =>
    panels.flatMap((panel) =>
      columns.flatMap((column) => halves.map((half) => line({ panel, column, half }))),
    );
  const stepLines = Array.from({ length: steps }, (_, at) => [...step(panels, at), 'if (a >= end) break;']).flat();
  return [
    `export function ${name}(${parameters.join(', ')}): void {`,
    `let ${sums.map((each) => `${each}: v128`).join(', ')};`,
    'if (bias == 0) {',
    ...ofSums((of) => `${sum(of.panel, of.column, of.half)} = v128.load(${out(of.panel)}, ${place(of)});`),
    '} else {',
    ...columns.map(
      (column) =>
        `${panels.flatMap((panel) => halves.map((half) => sum(panel, column, half))).join(' = ')} = v128.load_splat<f32>(bias, ${4 * column});`,
    ),
    '}',
    `const end = a + depth * ${PANEL};`,
    'for (;;) {',
    ...stepLines,
    '}',
    ...ofSums((of) => `v128.store(${out(of.panel)}, ${sum(of.panel, of.column, of.half)}, ${place(of)});`),
    '}',
  ].join('\n');
}

/** sum[row][column] += a[row] * w[column], then on to the next of the depth. */
function step(panels, at) {
  const rows = panels.flatMap((panel) =>
    halves.map((half) => `const ${panel}${half}_${at} = v128.load(${panel}, ${VECTOR * half});`),
  );
  const products = columns.flatMap((column) => [
    `const w${column}_${at} = v128.load_splat<f32>(w, ${4 * column});`,
    ...panels.flatMap((panel) =>
      halves.map(
        (half) =>
          `${sum(panel, column, half)} = madd(${panel}${half}_${at}, w${column}_${at}, ${sum(panel, column, half)});`,
      ),
    ),
  ]);
  return [...rows, ...products, ...panels.map((panel) => `${panel} += ${PANEL};`), `w += ${VECTOR};`];
}

const sum = (panel, column, half) => `${panel}Sum${column}${half}`;
const out = (panel) => `${panel}Out`;
const place = ({ column, half }) => column * PANEL + half * VECTOR;

if (process.argv[1] === import.meta.filename) console.log(tileSource(true));
