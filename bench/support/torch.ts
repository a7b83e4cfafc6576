import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

/** PyTorch in a process of its own, which measures one thing at a time. */
export interface Torch {
  /** Seconds. */
  measure(...words: (string | number)[]): Promise<number>;
  close(): void;
}

const HINT =
  'PyTorch is compared with where `python3 -c "import torch"` works, or PYTHON names an interpreter where it does: ' +
  'python3 -m venv .venv && .venv/bin/pip install torch && PYTHON=.venv/bin/python npm run bench:train';

/** OpenMP's threads go on spinning for 200 ms after their work, on the cores that the other side is measured on. */
const SPINNING_MS = 300;

/** Undefined, and a hint on stderr, where no torch is found. */
export async function startTorch(): Promise<Torch | undefined> {
  const python = spawn(process.env['PYTHON'] ?? 'python3', ['bench/torch/networks.py'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  python.on('error', () => {});
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string | undefined> => {
    const { done, value } = await lines.next();
    return done === true ? undefined : value;
  };
  if ((await next()) !== 'ready') {
    console.error(HINT);
    return undefined;
  }
  return {
    measure: async (...words) => {
      const answer = next();
      python.stdin.write(`${words.join(' ')}\n`);
      const seconds = Number(await answer);
      await setTimeout(SPINNING_MS);
      return seconds;
    },
    close: () => void python.kill(),
  };
}
