// `npm run check`: types, lint with import rules, format. Runs them all, prints what failed, exits 1 if any did.
import { spawnSync } from 'node:child_process';

const checks = [
  ['types', ['tsc', '-p', 'tsconfig.json']],
  ['lint and import rules', ['oxlint', '--type-aware', '--deny-warnings']],
  ['format', ['prettier', '--check', '--log-level', 'warn', '.']],
];

const failed = checks.filter(([name, command]) => {
  const { status } = spawnSync('npx', ['--no-install', ...command], { stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  return status !== 0;
});
process.exitCode = failed.length === 0 ? 0 : 1;
