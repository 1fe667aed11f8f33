import { Duration, Stack } from 'aws-cdk-lib';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { alarmNames, timeouts } from '../alarms';
import { ResolvedConfig } from '../config';
import { FailureBucket } from '../constructs/failure-bucket';
import { SightlineFunction } from '../constructs/function';
import { VpcPlacement } from '../constructs/vpc-placement';
import { Rollout } from '../constructs/rollout';
import { FastEvents } from '../detection/fast-events';
import { FunctionName, Names, programOf } from '../names';
import { delivers, evaluatesRules, MEMORY, References, settingsOf } from '../settings';
import { HubSecrets } from './secrets';

/** Props of `HubFunctions`. */
export interface HubFunctionsProps {
  readonly config: ResolvedConfig;
  readonly names: Names;
  readonly fast: FastEvents;
  /** Key of log groups and dead letters, and the ids of all keys of the deployment. */
  readonly key: IKey;
  readonly keyIds: readonly string[];
  readonly deadLetters: FailureBucket;
  readonly secrets: HubSecrets;
  /** VPC. @default - none */
  readonly placement?: VpcPlacement;
  /** Folder of the functions' zips. @default - target/bundle */
  readonly bundle?: string;
}

/** The functions of the hub, each created when a route first asks for it. */
export class HubFunctions {
  private readonly created = new Map<FunctionName, SightlineFunction>();

  constructor(private readonly stack: Stack, private readonly props: HubFunctionsProps) {}

  /** A function of the configuration. */
  get(name: FunctionName): SightlineFunction {
    const found = this.created.get(name) ?? this.create(name);
    this.created.set(name, found);
    return found;
  }

  /** Its timeout. */
  timeout(name: FunctionName): Duration {
    return Duration.seconds(timeouts(this.props.config.acks)[name]);
  }

  /** Makes CodeDeploy move the aliases of all functions. */
  rollOut(): void {
    const { names } = this.props;
    const rollout = new Rollout(this.stack, 'Rollout', { applicationName: names.config.name, roleName: names.role('deployment') });
    for (const [name, created] of this.created) rollout.add({ function: created, functionName: names.of(name), groupName: name });
  }

  private create(name: FunctionName): SightlineFunction {
    const { config, names, fast, keyIds, key, deadLetters, secrets, placement, bundle } = this.props;
    const rules = evaluatesRules(name);
    const created = new SightlineFunction(this.stack, name, {
      program: programOf(name),
      functionName: names.of(name),
      logGroupName: names.logGroup(name),
      roleName: names.role(name),
      settings: settingsOf(name, config, this.references()),
      secrets: secrets.of(name),
      memory: MEMORY[name],
      timeout: this.timeout(name),
      key,
      logDays: config.keep.logDays,
      architecture: config.architecture,
      ...(rules ? { protectedResources: names.protectedResources(fast.ruleNames, alarmNames(names, fast.ruleNames), keyIds) } : {}),
      ...(rules && config.rulesDir ? { rulesDir: config.rulesDir } : {}),
      ...(delivers(name) && config.siem.caFile ? { caFile: config.siem.caFile } : {}),
      ...this.reserved(name),
      ...(bundle ? { bundle } : {}),
      ...(placement ? { placement } : {}),
      // It continues a large object by a message to its own queue, and limits the chain by its own hop count.
      recursive: name === 's3-forwarder',
    });
    // A self-check reads secrets; in a VPC it does so through the endpoints.
    if (placement) created.selfCheck.executeAfter(placement);
    if (name !== 'firehose-transform') deadLetters.grantWriteDeadLetters(created);
    return created;
  }

  private references(): References {
    const { secrets, deadLetters } = this.props;
    return {
      tokenSecret: secrets.token.arn,
      deadLetters: deadLetters.bucketName,
      ...(secrets.maskKey ? { maskKeySecret: secrets.maskKey.arn } : {}),
      ...(secrets.relayKey ? { relayKeySecret: secrets.relayKey.arn } : {}),
    };
  }

  private reserved(name: FunctionName): { readonly reservedConcurrency?: number } {
    const { stream, reservedConcurrency = {} } = this.props.config;
    const reserved = name === 'firehose-relay' ? stream.relayConcurrency : reservedConcurrency[name];
    return reserved && reserved !== 'unbounded' ? { reservedConcurrency: reserved } : {};
  }
}
