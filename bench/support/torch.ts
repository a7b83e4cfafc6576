import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** PyTorch in a process of its own, which measures one thing at a time. */
export interface Torch {
  /** Seconds. */
  measure(...words: (string | number)[]): Promise<number>;
  close(): void;
}

const HINT =
  'PyTorch is compared with where `python3 -c "import torch"` works, or PYTHON names an interpreter where it does: ' +
  'python3 -m venv .venv && .venv/bin/pip install torch && PYTHON=.venv/bin/python npm run bench:train';

/** Undefined, and a hint on stderr, where no torch is found. */
export async function startTorch(): Promise<Torch | undefined> {
  const python = spawn(process.env['PYTHON'] ?? 'python3', ['bench/torch/recurrent.py'], {
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
      return Number(await answer);
    },
    close: () => void python.kill(),
  };
}
