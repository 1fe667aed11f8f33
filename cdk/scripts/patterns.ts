// Writes lib/generated/patterns.json from the detection rules and the curated list.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from '../lib/detection/generate';

writeFileSync(join(__dirname, '..', 'lib', 'detection', 'generated', 'patterns.json'), generate(join(__dirname, '..', '..', 'detections')));
