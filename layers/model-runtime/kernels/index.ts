/** What TypeScript calls (src/kernels/wasm.ts). Nothing here checks bounds: sizes and addresses are made in src/kernels/blocks. */
export { adam, repack } from './adam';
export { attentionBackward, attentionForward } from './attention';
export { addRectified, convolutionBackward, convolutionForward, convolutionGradient, slopes } from './convolution';
export { dropoutMask } from './dropout';
export { biasGradient, squares, weightGradient } from './gradient';
export { gruBackward, gruForward } from './gru';
export { loss } from './loss';
export { lstmBackward, lstmForward } from './lstm';
export { add, clear, copy, multiply } from './memory';
export { normalise, normaliseGradient } from './normalisation';
export { product } from './product';
export { turnGates, turnRows } from './transpose';
export { gatherTargets, gatherWindows } from './windows';
