import { alarmNames } from '../alarm-specs';
import { ResolvedConfig } from '../config';
import { Names, ProgramName, programOf } from '../names';
import { delivers, evaluatesRules, settingsOf } from '../settings';

/** The environment of one function. */
export interface Environment {
  /** Its program, which several functions may share. */
  readonly function: ProgramName;
  readonly settings: Readonly<Record<string, string>>;
}

/** Used in names where the configuration has no account; it has the length of one. */
const ANY_ACCOUNT = '000000000000';

/**
 * The environment of every function that the configuration asks for, as far as it is known before synthesis:
 * references are replaced by names, and the files of the package by what goes into them. `ruleNames` are the
 * rules of the fast route.
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
  const rules = { OWN_RESOURCES: JSON.stringify(names.own(ruleNames, alarms).known), RULES_DIR: config.rulesDir };
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
