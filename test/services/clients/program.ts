import { spawn } from 'node:child_process';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, with `input` on its standard input. @throws Error where it can not be started */
export function runProgram(command: string, args: readonly string[], input = ''): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'pipe' });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
    child.once('error', (cause) => reject(new Error(`expected ${command} on the PATH, got none`, { cause })));
    child.once('close', (code) => resolve({ code, ...output }));
    // A program that ends before it has read everything is told by its exit code.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
