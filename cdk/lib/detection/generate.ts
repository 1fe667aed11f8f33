import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventNames, merge } from './event-names';
import { Generated } from './patterns';
import { readRules } from './rules';

/** The text of `generated/patterns.json`, from the folder of detection rules. */
export function generate(detections: string): string {
  const { names, sourceless } = readRules(detections);
  if (sourceless.length > 0) throw new Error(`rules without an event source: ${sourceless.join(', ')}`);
  const generated: Generated = {
    blinding: names,
    high: highOf(readFileSync(join(detections, 'curated.csv'), 'utf8')),
  };
  return `${JSON.stringify(generated, null, 2)}\n`;
}

/** The curated events of severity high. */
export function highOf(csv: string): EventNames {
  const rows = csv.trim().split('\n').slice(1).map((line) => line.trim().split(','));
  return merge(...rows.flatMap(([source, name, severity]) => (source && name && severity === 'high' ? [{ [source]: [name] }] : [])));
}
