import { ArnFormat, Stack } from 'aws-cdk-lib';
import { CfnApplication, CfnDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnAlias } from 'aws-cdk-lib/aws-lambda';
import { Construct, IDependable } from 'constructs';
import { justify } from '../reasons';
import { SightlineFunction } from './function';

/** Props of `Rollout`. */
export interface RolloutProps {
  /** Name of the CodeDeploy application. */
  readonly applicationName: string;
  /** Name of the role with which CodeDeploy updates aliases. */
  readonly roleName: string;
}

/** A function to roll out, and what stops it. */
export interface RolledOut {
  readonly function: SightlineFunction;
  /** Name of the deployment group. */
  readonly groupName: string;
  /** Names of the alarms that roll back the alias, 10 at most. */
  readonly alarmNames: readonly string[];
  /** The alarms: CodeDeploy has to find them. */
  readonly alarms: readonly IDependable[];
}

/**
 * How an alias moves to a new version: a tenth of the invocations for 5 minutes, then all of them. An alarm in
 * that time moves it back, and the deployment fails. This is the shortest canary that AWS offers.
 */
const CANARY = 'CodeDeployDefault.LambdaCanary10Percent5Minutes';

/**
 * Moves aliases to new versions by CodeDeploy, and back if an alarm is in state ALARM. CodeDeploy also stops if
 * the alarm was in that state before (belief: CodeDeploy User Guide, "Monitoring deployments with CloudWatch
 * alarms", does not say), so that a fix for a ringing alarm needs `deployment: 'all-at-once'`.
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
    // What AWS's managed policy AWSCodeDeployRoleForLambdaLimited has, without hooks and files in S3, which are not used.
    this.role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] }));
    justify(this.role, { 'Resource::*': 'CodeDeploy polls the alarms of a deployment by name, as its managed policy allows; this reads the state of alarms only.' });
  }

  /** Makes updates of a function's alias a deployment. */
  add({ function: made, groupName, alarmNames, alarms }: RolledOut): void {
    this.role.addToPolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: ['lambda:GetAlias', 'lambda:UpdateAlias', 'lambda:GetProvisionedConcurrencyConfig'],
        // Belief: the alias's own ARN would do. The Service Authorization Reference names the function.
        resources: [made.functionArn, `${made.functionArn}:${made.live.aliasName}`],
      }),
    );
    const group = new CfnDeploymentGroup(this, groupName, {
      applicationName: this.application.ref,
      deploymentGroupName: groupName,
      serviceRoleArn: this.role.roleArn,
      deploymentConfigName: CANARY,
      deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
      alarmConfiguration: { enabled: true, alarms: alarmNames.map((name) => ({ name })) },
      autoRollbackConfiguration: { enabled: true, events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'] },
    });
    group.node.addDependency(this.role, ...alarms);
    (made.live.node.defaultChild as CfnAlias).cfnOptions.updatePolicy = {
      codeDeployLambdaAliasUpdate: { applicationName: this.application.ref, deploymentGroupName: group.ref },
    };
  }
}
