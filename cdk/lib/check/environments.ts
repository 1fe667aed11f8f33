import { alarmNames } from '../alarms';
import { ResolvedConfig } from '../config';
import { Names, ProgramName, programOf } from '../names';
import { delivers, evaluatesRules, settingsOf } from '../settings';

/** The environment of one function. */
export interface Environment {
  /** Its program, which several functions can share. */
  readonly function: ProgramName;
  readonly settings: Readonly<Record<string, string>>;
}

/** Used in names if the configuration has no account. It has the length of an account id. */
const ANY_ACCOUNT = '000000000000';

/**
 * The environment of every function that the configuration deploys, as far as it is known before synthesis: names
 * replace references, and the source files replace the files of the package. `ruleNames` are the rules of the fast
 * route.
 */
export function environmentsOf(config: ResolvedConfig, ruleNames: readonly string[]): Environment[] {
  const names = new Names(config, config.account ?? ANY_ACCOUNT);
  const references = {
    tokenSecret: config.siem.secretArn ?? names.tokenSecret,
    deadLetters: names.bucket('dead-letters'),
    ...(config.masking?.mode === 'hmac' ? { maskKeySecret: config.masking.keySecretArn ?? names.maskKeySecret } : {}),
    ...(names.functions.includes('firehose-relay') ? { relayKeySecret: names.relayKeySecret } : {}),
  };
  const alarms = alarmNames(names, ruleNames);
  const rules = { OWN_RESOURCES: JSON.stringify(names.protectedResources(ruleNames, alarms).known), RULES_DIR: config.rulesDir };
  return names.functions.map((name) => ({
    function: programOf(name),
    settings: defined({
      ...settingsOf(name, config, references),
      ...(delivers(name) ? { HEC_CA_FILE: config.siem.caFile } : {}),
      ...(evaluatesRules(name) ? rules : {}),
    }),
  }));
}

function defined(settings: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
