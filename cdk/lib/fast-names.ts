import { Settled } from './config';
import { EventNames, Generated, merge, namesOfRules, Pattern, patterns } from './patterns';
import generated from './generated/patterns.json';

/** What the fast route listens for. */
export interface Fast {
  /** Names by source of what blinds, the user's rules included. */
  readonly blinding: EventNames;
  readonly patterns: readonly Pattern[];
  /** One name for each pattern. */
  readonly ruleNames: readonly string[];
}

/** The events of the fast route, by configuration. */
export function fastOf(config: Settled): Fast {
  const { blinding, high }: Generated = generated;
  const rules = config.rulesDir ? merge(blinding, namesOfRules(config.rulesDir)) : blinding;
  if (!config.routes.fast) return { blinding: rules, patterns: [], ruleNames: [] };
  const found = patterns(config.fast.events === 'high' ? merge(rules, high) : rules);
  return { blinding: rules, patterns: found, ruleNames: found.map((_, at) => `${config.name}-fast-${at + 1}`) };
}
