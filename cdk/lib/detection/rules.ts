import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Document, LineCounter, parseAllDocuments } from 'yaml';
import { ConfigError } from '../config';
import { EventNames, merge, Name } from './event-names';
import { EventKey, eventsOf } from './sigma';

/** The events of the Sigma rules of a folder. */
export interface Rules {
  /** The events that the rules can match, by source. */
  readonly names: EventNames;
  /**
   * File and title of the rules that can match events of any source. Only the slower routes carry these events, because
   * a pattern needs a source.
   */
  readonly sourceless: readonly string[];
}

/**
 * The events of the Sigma rules under a folder.
 *
 * @throws ConfigError if a file does not contain rules: functions would not start with it.
 */
export function readRules(folder: string): Rules {
  const files = ruleFiles(folder);
  if (files.length === 0) throw refuse(`${JSON.stringify(folder)} contains no rule`, 'use a folder with files that end in .yml or .yaml');
  const found = files.flatMap((file) => documents(file).map((rule) => ({ file, rule, keys: keysOf(rule) })));
  return {
    names: merge(...found.flatMap(({ keys }) => keys.map(namesOf))),
    sourceless: found.filter(({ keys }) => keys.some(({ source }) => source === undefined)).map(({ file, rule }) => `${file} (${String(rule.title)})`),
  };
}

type Rule = Readonly<Record<string, unknown>>;

/** Every rule file under a folder. Links are not followed, because they can form a cycle. */
function ruleFiles(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ruleFiles(path);
    return /\.ya?ml$/.test(entry.name) ? [path] : [];
  });
}

function documents(file: string): Rule[] {
  const lines = new LineCounter();
  const all = parseAllDocuments(readFileSync(file, 'utf8'), { lineCounter: lines, prettyErrors: false }) as Document[];
  for (const { errors: [error] } of all) {
    if (error) throw refuse(`${file}:${lines.linePos(error.pos[0]).line} is not valid YAML: ${error.message}`, 'use Sigma rules in YAML');
  }
  const rules = all.map((document) => document.toJS() as unknown).filter((rule): rule is Rule => typeof rule === 'object' && rule !== null && 'detection' in rule);
  if (rules.length === 0) throw refuse(`${file} contains no Sigma rule`, 'use Sigma rules in YAML, each with a detection');
  return rules;
}

function keysOf({ detection, action }: Rule): readonly EventKey[] {
  // Documents with an action are parts of rules.
  const complete = typeof detection === 'object' && detection !== null && action === undefined;
  return complete ? eventsOf(detection as Record<string, unknown>) : [{}];
}

function namesOf({ source, name }: EventKey): EventNames {
  return source === undefined ? {} : { [source]: name === undefined ? 'any' : [name] satisfies Name[] };
}

function refuse(message: string, expected: string): ConfigError {
  return new ConfigError([{ key: 'rulesDir', message, expected }]);
}
