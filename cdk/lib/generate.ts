import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Generated, highOf, namesOfRules } from './patterns';

/** The text of `generated/patterns.json`, from the folder of detection rules. */
export function generate(detections: string): string {
  const generated: Generated = {
    blinding: namesOfRules(detections),
    high: highOf(readFileSync(join(detections, 'curated.csv'), 'utf8')),
  };
  return `${JSON.stringify(generated, null, 2)}\n`;
}
