import { ArnFormat, Stack } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnApplication, CfnDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnAlias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { suppressNag } from '../nag-suppressions';
import { SightlineFunction } from './function';
import { versionHash } from './version-hash';

/** Props of `Rollout`. */
export interface RolloutProps {
  /** Name of the CodeDeploy application. */
  readonly applicationName: string;
  /** Name of the role with which CodeDeploy updates aliases. */
  readonly roleName: string;
}

/** A function whose versions are deployed gradually. */
export interface RolloutTarget {
  readonly function: SightlineFunction;
  /** Name of the function. */
  readonly functionName: string;
  /** Name of the deployment group. */
  readonly groupName: string;
}

/**
 * How an alias moves to a new version: 10 percent of the invocations for 5 minutes, then all of them. It is the
 * shortest canary that AWS offers. It does not detect a version that hangs until a timeout of minutes, or one that is
 * not invoked in this time.
 */
const CANARY = 'CodeDeployDefault.LambdaCanary10Percent5Minutes';

/**
 * Moves aliases to new versions by CodeDeploy, and back if an invocation of the new version ends in an error.
 *
 * CodeDeploy stops a deployment while one of its alarms is in state ALARM, also if the previous version is the cause
 * (CodeDeploy API Reference, "CreateDeployment", `overrideAlarmConfiguration`, which CloudFormation does not offer).
 * So the alarm is not one of the operational alarms, which would block the fix for what they report: it has the
 * errors of the new version alone.
 */
export class Rollout extends Construct {
  private readonly application: CfnApplication;
  private readonly role: Role;

  constructor(scope: Construct, id: string, props: RolloutProps) {
    super(scope, id);
    const stack = Stack.of(this);
    this.application = new CfnApplication(this, 'Application', { applicationName: props.applicationName, computePlatform: 'Lambda' });
    this.role = new Role(this, 'Role', {
      roleName: props.roleName,
      description: 'CodeDeploy: moves the aliases of functions to new versions',
      // CodeDeploy User Guide, "Cross-service confused deputy prevention".
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          StringLike: { 'aws:SourceArn': stack.formatArn({ service: 'codedeploy', resource: 'deploymentgroup', resourceName: `${props.applicationName}/*`, arnFormat: ArnFormat.COLON_RESOURCE_NAME }) },
        },
      }),
    });
    // The rights of the AWS managed policy AWSCodeDeployRoleForLambdaLimited, without hooks and files in S3, which are not used.
    this.role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] }));
    suppressNag(this.role, { 'Resource::*': 'CodeDeploy polls the alarms of a deployment by name, as its managed policy allows; this reads the state of alarms only.' });
  }

  /** Makes updates of a function's alias a deployment. */
  add({ function: made, functionName, groupName }: RolloutTarget): void {
    const allow = (actions: string[], resources: string[]) => this.role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources }));
    // Unproven: the alias's own ARN may be enough. The Service Authorization Reference names the function.
    allow(['lambda:GetAlias', 'lambda:UpdateAlias'], [made.functionArn, `${made.functionArn}:${made.live.aliasName}`]);
    allow(['lambda:GetProvisionedConcurrencyConfig'], [made.functionArn, `${made.functionArn}:*`]);
    suppressNag(this.role, { '.Arn>:*': 'CodeDeploy may ask for the provisioned concurrency of any version; this reads only.' });
    const group = new CfnDeploymentGroup(this, groupName, {
      applicationName: this.application.ref,
      deploymentGroupName: groupName,
      serviceRoleArn: this.role.roleArn,
      deploymentConfigName: CANARY,
      deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
      alarmConfiguration: { enabled: true, alarms: [{ name: this.guard(made, functionName, groupName).ref }] },
      autoRollbackConfiguration: { enabled: true, events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'] },
    });
    group.node.addDependency(this.role);
    const alias = made.live.node.defaultChild as CfnAlias;
    alias.cfnOptions.updatePolicy = { codeDeployLambdaAliasUpdate: { applicationName: this.application.ref, deploymentGroupName: group.ref } };
    // Otherwise the alias could move while the group still has the alarm of the previous version.
    alias.addResourceDependency(group);
  }

  /**
   * The alarm on errors of the version that the alias moves to (Lambda Developer Guide, "Types of metrics for Lambda
   * functions": dimension `ExecutedVersion`). Its name contains the version's hash, so that CloudFormation replaces
   * it and no state is inherited. It has no actions, and is not a protected resource: the functions' packages would have to
   * contain a hash of themselves. A deployment stops if the alarm is missing.
   */
  private guard(made: SightlineFunction, functionName: string, groupName: string): CfnAlarm {
    const dimensions = { FunctionName: functionName, Resource: `${functionName}:${made.live.aliasName}`, ExecutedVersion: made.currentVersion.version };
    return new CfnAlarm(this, `${groupName}Guard`, {
      alarmName: `${functionName}-rollout-${versionHash(made)}`,
      alarmDescription: 'Stops the rollout of a version of this function whose invocations end in errors. Not an operational alarm.',
      namespace: 'AWS/Lambda',
      metricName: 'Errors',
      dimensions: Object.entries(dimensions).map(([name, value]) => ({ name, value })),
      statistic: 'Sum',
      period: 60,
      evaluationPeriods: 1,
      threshold: 0,
      comparisonOperator: 'GreaterThanThreshold',
      treatMissingData: 'notBreaching',
    });
  }
}
