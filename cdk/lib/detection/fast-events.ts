import { ResolvedConfig } from '../config';
import { EventNames, merge, readOnly } from './event-names';
import { Pattern, patterns } from './patterns';
import eventPatterns from '../../../schema/event_patterns.json';

/** The events of the built-in rules, and the curated events of severity high. */
export const BUILT_IN: { readonly blinding: EventNames; readonly high: EventNames } = eventPatterns;

/** The events of the rules in `rulesDir`, as `sightline check` reports them. */
export interface UserRules {
  /** The events that the rules can match, by source. */
  readonly names: EventNames;
  /**
   * File and title of the rules that can match events of any source. Only the slower routes carry these events, because
   * a pattern needs a source.
   */
  readonly sourceless: readonly string[];
}

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

const NO_RULES: UserRules = { names: {}, sourceless: [] };

/** The events of the fast route of a configuration. */
export function fastEventsOf(config: ResolvedConfig, userRules: UserRules = NO_RULES): FastEvents {
  const rules = merge(BUILT_IN.blinding, userRules.names);
  if (!config.routes.fast) return { blinding: rules, patterns: [], ruleNames: [], warnings: [] };
  const found = patterns(config.fast.events === 'high' ? merge(rules, BUILT_IN.high) : rules);
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
