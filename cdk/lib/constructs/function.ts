import { rmSync } from 'node:fs';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Alias, Architecture, Code, Function, RecursiveLoop, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { LIVE, ProgramName, ProtectedResources } from '../names';
import { PROTECTED_RESOURCES_FILE, packageFunction } from '../package';
import { suppressNag } from '../nag-suppressions';
import { refuseDeployment } from '../deployment-guards';
import { grantRead, SecretRef } from './secrets';
import { SelfCheck } from './self-check';

/** The network of functions, if not Lambda's own. */
export interface Placement {
  readonly vpc: IVpc;
  readonly securityGroup: ISecurityGroup;
}

/** Props of `SightlineFunction`. */
export interface SightlineFunctionProps {
  /** The program that it runs. */
  readonly program: ProgramName;
  /** Name of the function, its log group and its role. */
  readonly functionName: string;
  readonly logGroupName: string;
  readonly roleName: string;
  /** Settings (docs/settings.md). The environment is limited to 4 KB. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** Secrets that the function reads. */
  readonly secrets: readonly SecretRef[];
  /** Megabytes. Lambda gives CPU in proportion: 1769 MB are one core. */
  readonly memory: number;
  /** Timeout. */
  readonly timeout: Duration;
  /** Key of the log group. */
  readonly key: IKey;
  /** Days for which log lines are kept. */
  readonly logDays: number;
  /** Processor. The zip must be built for it. */
  readonly architecture: 'x86_64' | 'arm64';
  /** Protected resources, if the function evaluates rules. @default - none */
  readonly protectedResources?: ProtectedResources;
  /** Folder of the user's Sigma rules, if the function evaluates rules. @default - none */
  readonly rulesDir?: string;
  /** PEM file with certificate authorities, if the function delivers. @default - none */
  readonly caFile?: string;
  /** Folder of the zips. @default - target/bundle */
  readonly bundle?: string;
  /** Maximum concurrency, reserved from the account's quota. @default - none is reserved */
  readonly reservedConcurrency?: number;
  /**
   * Whether Lambda's recursive loop detection is off, so that the function can invoke itself through its own queue.
   * The program limits such chains itself. @default false
   */
  readonly recursive?: boolean;
  /** VPC. @default - none */
  readonly placement?: Placement;
}

/**
 * One of Sightline's programs as a function. By default it reserves no concurrency: event source mappings limit
 * the forwarders, and Firehose treats a throttled transformation as a failed one.
 */
export class SightlineFunction extends Function {
  /** The alias that serves. Refer to it, never to the function itself. It moves only to versions that passed their self-check. */
  readonly live: Alias;
  /** Runs before the alias moves. */
  readonly selfCheck: SelfCheck;

  constructor(scope: Construct, id: string, props: SightlineFunctionProps) {
    const { protectedResources, ...rest } = props;
    const packaged = packageFunction({ ...rest, name: props.program, ...(protectedResources ? { protectedResources: protectedResources.known } : {}) });
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      logGroupName: props.logGroupName,
      retention: props.logDays as RetentionDays,
      encryptionKey: props.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(scope, `${id}Role`, {
      roleName: props.roleName,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Sightline ${props.program}`,
    });
    super(scope, id, {
      functionName: props.functionName,
      description: `Sightline ${props.program}`,
      runtime: Runtime.PROVIDED_AL2023,
      handler: 'bootstrap',
      // Previous versions are kept, so that the alias can be moved back by hand. Versions of a deployment that was rolled
      // back are deleted: otherwise Lambda would not publish a second one for the same code. Deleting the function deletes all.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
      code: Code.fromAsset(packaged.folder),
      architecture: props.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      memorySize: props.memory,
      timeout: props.timeout,
      environment: environmentOf(scope, props),
      role,
      logGroup,
      // Lambda drops a message after about 16 invocations in one chain of requests (Lambda Developer Guide, "Use
      // Lambda recursive loop detection to prevent infinite loops"); `Terminate` is its default.
      ...(props.recursive ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
      ...(props.reservedConcurrency ? { reservedConcurrentExecutions: props.reservedConcurrency } : {}),
      ...(props.placement ? { vpc: props.placement.vpc, securityGroups: [props.placement.securityGroup] } : {}),
    });
    // The library has copied it.
    rmSync(packaged.folder, { recursive: true });
    // The ARN ends in `:*`: any stream of this group.
    allow(role, ['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn);
    if (props.placement) allowNetworkInterfaces(role);
    for (const secret of props.secrets) grantRead(role, secret, Stack.of(this).region);
    this.live = new Alias(this, 'Live', { aliasName: LIVE, version: this.currentVersion });
    this.selfCheck = new SelfCheck(this, 'SelfCheck', { handler: this, alias: this.live, key: props.key });
    if (packaged.stub) refuseDeployment(Stack.of(this), 'FunctionsAreBuilt');
  }
}

function environmentOf(scope: Construct, { protectedResources, rulesDir, settings }: SightlineFunctionProps): Record<string, string> {
  const environment: Record<string, string> = {
    // By relative path: Lambda starts the program in the folder of its package.
    ...(protectedResources ? { OWN_RESOURCES: Stack.of(scope).toJsonString({ include: PROTECTED_RESOURCES_FILE, ...protectedResources.late }) } : {}),
    ...(rulesDir ? { RULES_DIR: 'rules' } : {}),
  };
  for (const [name, value] of Object.entries(settings)) if (value !== undefined) environment[name] = value;
  return environment;
}

function allow(role: Role, actions: string[], resource: string): void {
  role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources: [resource] }));
}

/** The rights of a function in a VPC. */
function allowNetworkInterfaces(role: Role): void {
  allow(role, [
    'ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
  ], '*');
  suppressNag(role, { 'Resource::*': 'Network interfaces have no ARN before Lambda creates them.' });
}
