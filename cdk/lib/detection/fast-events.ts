import { ResolvedConfig } from '../config';
import { anyCase, EventNames, merge, readOnly } from './event-names';
import { Generated, Pattern, patterns } from './patterns';
import { readRules, Rules } from './rules';
import generated from './generated/patterns.json';

/** The events of the fast route. */
export interface FastEvents {
  /** Names of defense-evasion events by source, including those of the user's rules. */
  readonly blinding: EventNames;
  readonly patterns: readonly Pattern[];
  /** Names of the EventBridge rules, one for each pattern. */
  readonly ruleNames: readonly string[];
  /** Rules of the user that the fast route cannot carry. */
  readonly warnings: readonly string[];
}

const NO_RULES: Rules = { names: {}, sourceless: [] };

/**
 * The events of the fast route of a configuration.
 *
 * @throws ConfigError if a rule file of the user cannot be read.
 */
export function fastEventsOf(config: ResolvedConfig): FastEvents {
  const { blinding, high }: Generated = generated;
  const userRules = config.rulesDir ? readRules(config.rulesDir) : NO_RULES;
  const rules = merge(blinding, anyCase(userRules.names));
  if (!config.routes.fast) return { blinding: rules, patterns: [], ruleNames: [], warnings: [] };
  const found = patterns(config.fast.events === 'high' ? merge(rules, high) : rules);
  return {
    blinding: rules,
    patterns: found,
    ruleNames: found.map((_, at) => `${config.name}-fast-${at + 1}`),
    warnings: [...userRules.sourceless.map(sourceless), ...(config.fast.reads ? [] : reads(userRules.names))],
  };
}

function sourceless(rule: string): string {
  return `rulesDir: ${rule} does not name its event sources literally, which the fast route needs: its events arrive only by the slower routes.`;
}

function reads(names: EventNames): string[] {
  const found = readOnly(names);
  if (found.length === 0) return [];
  return [`rulesDir: rules name read-only events (${found.join(', ')}), which EventBridge delivers only if fast.reads is true: they arrive only by the slower routes.`];
}
