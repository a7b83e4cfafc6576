import { GATES, padded, type RecurrentShape } from './shape.ts';

/**
 * Where everything lies in the kernels' memory. Addresses, strides and distances are bytes. Every size is padded to a
 * multiple of four with weights of zero, which stay zero: a unit that does not exist answers zero and has no gradient.
 */
export interface Layout {
  readonly shape: RecurrentShape;
  /** Rows in a panel: 8, or 1 where single windows are forecast. */
  readonly lanes: number;
  /** Panels of the largest batch. */
  readonly panels: number;
  readonly layers: readonly LayerLayout[];
  readonly head: HeadLayout;
  readonly parameters: { readonly start: number; readonly bytes: number };
  readonly training?: TrainingLayout;
  /** Of all memory. */
  readonly bytes: number;
}

export interface LayerLayout {
  /** Of the struct that the kernels read: LAYER_FIELDS in their order. */
  readonly address: number;
  readonly fields: LayerFields;
  /** Gate columns, padded. */
  readonly columns: number;
  /** What the next layer reads: h itself, or h with units dropped. */
  readonly out: number;
  readonly mask: number;
  readonly turned: TurnedLayer;
}

/** Copies that the gradients of weights read, as kernels/transpose.ts makes them; 0 where there is none. */
export interface TurnedLayer {
  /** The layer's inputs: the answers of the layer below, or x. */
  readonly inputs: number;
  readonly h: number;
  readonly out: number;
  /** GRU's. */
  readonly s: number;
  readonly gates: number;
  /** From one eight of features, or four of columns, to the next. */
  readonly rowsBlock: number;
  readonly gatesBlock: number;
}

export interface HeadLayout {
  readonly inputs: number;
  readonly columns: number;
  readonly w: number;
  readonly b: number;
  readonly wBack: number;
  /** Answers, then their gradients: [panel][column][lanes]. */
  readonly y: number;
  readonly truth: number;
  readonly yStride: number;
  /** The answers' gradients once more, for the gradients of weights. */
  readonly turned: number;
  readonly turnedBlock: number;
}

export interface TrainingLayout {
  readonly toGradient: number;
  readonly toM: number;
  readonly toV: number;
  /** ADAM_FIELDS. */
  readonly step: number;
  /** Float64: the loss of each panel. */
  readonly losses: number;
  /** Float64: the sum of squares of each column block's gradients, layer after layer, then the head's. */
  readonly squares: number;
  readonly series: number;
  readonly fitOrigins: number;
  readonly validateOrigins: number;
}

export const LAYER_FIELDS = [
  ...([
    'steps',
    'panels',
    'lanes',
    'keep',
    'inputs',
    'units',
    'x',
    'xStride',
    'h',
    'hStride',
    'g',
    'gStride',
  ] as const),
  ...(['s', 'dh', 'dx', 'scratch', 'zeros', 'w', 'u', 'b', 'wBack', 'uBack'] as const),
] as const;
export type LayerFields = Readonly<Record<(typeof LAYER_FIELDS)[number], number>>;

export interface LayoutOf {
  readonly shape: RecurrentShape;
  readonly lanes: 1 | 8;
  /** Rows of the largest batch. */
  readonly rows: number;
  readonly training?: {
    readonly dropout: boolean;
    /** Numbers in the series, and windows of each kind. */
    readonly series: number;
    readonly fit: number;
    readonly validate: number;
  };
}

const FLOAT = 4;
/** Before it lies nothing of ours: AssemblyScript may keep data there. */
const FIRST_ADDRESS = 4096;
const LINE = 64;
/** Keeps the panels of one feature out of the same cache set, which powers of two would fall into. */
const PANEL_GAP = 128;

type Reserve = (bytes: number) => number;

/** Plans memory; touches none. */
export function layoutOf({ shape, lanes, rows, training }: LayoutOf): Layout {
  let end = FIRST_ADDRESS;
  const reserve: Reserve = (bytes) => {
    const start = end;
    end += Math.ceil(bytes / LINE) * LINE + LINE;
    return start;
  };
  const panels = Math.ceil(rows / lanes);
  const start = end;
  const weights = reserveWeights(shape, reserve);
  const parameters = { start, bytes: end - start };
  const copies = training === undefined ? undefined : [1, 2, 3].map(() => reserve(parameters.bytes) - start);
  const layers = reserveLayers({ shape, lanes, panels, weights, training }, reserve);
  const [inputs, columns] = [padded(shape.units), padded(shape.outputs)];
  const yStride = columns * lanes * FLOAT + PANEL_GAP;
  const head = {
    ...weights.head,
    inputs,
    columns,
    wBack: training === undefined ? 0 : reserve(inputs * columns * FLOAT),
    y: reserve(panels * yStride),
    truth: training === undefined ? 0 : reserve(panels * yStride),
    yStride,
    turned: training === undefined ? 0 : reserve((columns / 4) * blockBytes(panels, 4)),
    turnedBlock: blockBytes(panels, 4),
  };
  const blocks = (layers.reduce((sum, layer) => sum + layer.columns, 0) + columns) / 4;
  const [toGradient = 0, toM = 0, toV = 0] = copies ?? [];
  const kept = training && {
    toGradient,
    toM,
    toV,
    step: reserve(8 * FLOAT),
    losses: reserve(panels * 8),
    squares: reserve(blocks * 8),
    series: reserve(training.series * FLOAT),
    fitOrigins: reserve(training.fit * FLOAT),
    validateOrigins: reserve(training.validate * FLOAT),
  };
  return { shape, lanes, panels, layers, head, parameters, bytes: end, ...(kept && { training: kept }) };
}

interface Weights {
  readonly layers: readonly { readonly w: number; readonly u: number; readonly b: number }[];
  readonly head: { readonly w: number; readonly b: number };
}

function reserveWeights(shape: RecurrentShape, reserve: Reserve): Weights {
  const units = padded(shape.units);
  const columns = GATES[shape.cell] * units;
  const layers = Array.from({ length: shape.layers }, (_, layer) => ({
    w: reserve((layer === 0 ? padded(shape.features) : units) * columns * FLOAT),
    u: reserve(units * columns * FLOAT),
    b: reserve(columns * FLOAT),
  }));
  const outputs = padded(shape.outputs);
  return { layers, head: { w: reserve(units * outputs * FLOAT), b: reserve(outputs * FLOAT) } };
}

interface LayersOf {
  readonly shape: RecurrentShape;
  readonly lanes: number;
  readonly panels: number;
  readonly weights: Weights;
  readonly training: LayoutOf['training'];
}

function reserveLayers(of: LayersOf, reserve: Reserve): LayerLayout[] {
  const layers: LayerLayout[] = [];
  for (const own of of.weights.layers) layers.push(reserveLayer(of, own, layers.at(-1), reserve));
  return layers;
}

/** `below` is the layer whose answers this one reads; undefined for the first. */
function reserveLayer(
  { shape, lanes, panels, training }: LayersOf,
  own: Weights['layers'][number],
  below: LayerLayout | undefined,
  reserve: Reserve,
): LayerLayout {
  const units = padded(shape.units);
  const columns = GATES[shape.cell] * units;
  const inputs = below === undefined ? padded(shape.features) : units;
  const panel = (features: number): number => features * lanes * FLOAT + PANEL_GAP;
  const [xStride, hStride, gStride] = [panel(inputs), panel(units), panel(columns)];
  const whole = shape.steps * panels;
  // A single row keeps its gates too, since the inputs' share of them is made for all steps at once.
  const keep = training === undefined && lanes > 1 ? 0 : 1;
  const kept = keep === 1 ? whole : panels;
  const only = (bytes: number): number => (training === undefined ? 0 : reserve(bytes));
  const sizes = { steps: shape.steps, panels, lanes, keep, inputs, units, xStride, hStride, gStride };
  const fields = {
    ...sizes,
    ...own,
    x: below?.out ?? reserve(whole * xStride),
    h: reserve(whole * hStride),
    g: reserve(kept * gStride),
    s: reserve(kept * hStride),
    dh: only(whole * hStride),
    dx: below?.fields.dh ?? 0,
    scratch: only(panels * hStride),
    zeros: reserve(hStride),
    wBack: below === undefined ? 0 : only(inputs * columns * FLOAT),
    uBack: only(units * columns * FLOAT),
  };
  const dropped = training?.dropout === true;
  const out = dropped ? reserve(whole * hStride) : fields.h;
  const mask = dropped ? reserve(panels * hStride) : 0;
  const [rowsBlock, gatesBlock] = [blockBytes(whole, 8), blockBytes(whole, 4)];
  const rows = (features: number): number => only(Math.ceil(features / 8) * rowsBlock);
  const h = rows(units);
  const turned = {
    inputs: below?.turned.out ?? rows(inputs),
    h,
    out: dropped ? rows(units) : h,
    s: shape.cell === 'GRU' ? rows(units) : 0,
    gates: only((columns / 4) * gatesBlock),
    rowsBlock,
    gatesBlock,
  };
  return { address: reserve(LAYER_FIELDS.length * FLOAT), fields, columns, out, mask, turned };
}

/** Of `wide` numbers of each row. The gap keeps blocks out of the same cache set. */
function blockBytes(panels: number, wide: 4 | 8): number {
  return panels * 8 * wide * FLOAT + PANEL_GAP;
}

/** Writes the structs that the kernels read, for a batch of so many panels. */
export function writeLayers({ layers }: Layout, memory: WebAssembly.Memory, panels: number): void {
  for (const { address, fields } of layers) {
    const struct = new Uint32Array(memory.buffer, address, LAYER_FIELDS.length);
    for (const [index, field] of LAYER_FIELDS.entries()) struct[index] = fields[field];
    struct[LAYER_FIELDS.indexOf('panels')] = panels;
  }
}
