// `npm run generate` writes the blocks that follow from tables in the code; with --check it only says which are not up to date.
import { generate } from './blocks.ts';
import { familiesTable } from './families.ts';
import { functionsOfServerless, resourcesOfServerless } from './functions.ts';
import { settingsOfServerless, settingsTables } from './settings.ts';

const BLOCKS = [
  familiesTable(),
  ...settingsTables(),
  settingsOfServerless(),
  resourcesOfServerless(),
  functionsOfServerless(),
];

const isCheck = process.argv.includes('--check');
const changed = await generate(BLOCKS, { write: !isCheck });
for (const file of changed)
  console.log(isCheck ? `${file}: expected npm run generate to leave it as it is` : file);
if (isCheck && changed.length > 0) process.exitCode = 1;
