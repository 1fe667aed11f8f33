// Runs every test in one process, which loads the CDK library once and shares the templates of equal configurations.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

for (const folder of [__dirname, join(__dirname, 'switches')]) {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.test.ts')).sort()) require(join(folder, file));
}
