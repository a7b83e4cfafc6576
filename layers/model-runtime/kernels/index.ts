/** What TypeScript calls (src/kernels/wasm.ts). Nothing here checks bounds: sizes and addresses are made in src/kernels/blocks. */
export { adam, repack } from './adam';
export { add, addRectified, convolutionBackward, convolutionForward, convolutionGradient, slopes } from './convolution';
export { clear, dropoutMask, multiply } from './dropout';
export { biasGradient, squares, weightGradient } from './gradient';
export { gruBackward, gruForward } from './gru';
export { loss } from './loss';
export { lstmBackward, lstmForward } from './lstm';
export { product } from './product';
export { turnGates, turnRows } from './transpose';
export { gatherTargets, gatherWindows } from './windows';
