// `npm run check`: types, generated blocks, lint with import rules, format. Runs them all, prints what failed, exits 1 if any did.
import { spawnSync } from 'node:child_process';

const checks = [
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  { name: 'generated blocks', script: ['dist/generate/cli.js', '--check'] },
  { name: 'lint and import rules', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
];

const failed = checks.filter(({ name, command, script }) => {
  const [program, args] = script ? [process.execPath, script] : ['npx', ['--no-install', ...command]];
  const { status } = spawnSync(program, args, { stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  return status !== 0;
});
process.exitCode = failed.length === 0 ? 0 : 1;
