import { ResolvedConfig } from './config';
import { anyCase, EventNames, merge, readOnly } from './event-names';
import { Generated, Pattern, patterns } from './patterns';
import { readRules, Rules } from './rules';
import generated from './generated/patterns.json';

/** What the fast route listens for. */
export interface Fast {
  /** Names by source of what blinds, the user's rules included. */
  readonly blinding: EventNames;
  readonly patterns: readonly Pattern[];
  /** One name for each pattern. */
  readonly ruleNames: readonly string[];
  /** What of the user's rules the fast route cannot carry. */
  readonly warnings: readonly string[];
}

const NO_RULES: Rules = { names: {}, sourceless: [] };

/**
 * The events of the fast route, by configuration.
 *
 * @throws ConfigError where a rule file of the user's cannot be read.
 */
export function fastOf(config: ResolvedConfig): Fast {
  const { blinding, high }: Generated = generated;
  const own = config.rulesDir ? readRules(config.rulesDir) : NO_RULES;
  const rules = merge(blinding, anyCase(own.names));
  if (!config.routes.fast) return { blinding: rules, patterns: [], ruleNames: [], warnings: [] };
  const found = patterns(config.fast.events === 'high' ? merge(rules, high) : rules);
  return {
    blinding: rules,
    patterns: found,
    ruleNames: found.map((_, at) => `${config.name}-fast-${at + 1}`),
    warnings: [...own.sourceless.map(sourceless), ...(config.fast.reads ? [] : reads(own.names))],
  };
}

function sourceless(rule: string): string {
  return `rulesDir: ${rule} does not name its event sources letter by letter, which the fast route needs: its events come by the slower routes alone.`;
}

function reads(names: EventNames): string[] {
  const found = readOnly(names);
  if (found.length === 0) return [];
  return [`rulesDir: rules name read-only events (${found.join(', ')}), which EventBridge keeps to itself unless fast.reads is true: they come by the slower routes alone.`];
}
