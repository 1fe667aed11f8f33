import { CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { CfnEventBusPolicy, CfnRule } from 'aws-cdk-lib/aws-events';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct, IDependable } from 'constructs';
import { Pattern } from '../detection/patterns';
import { SightlineFunction } from './function';
import { DeadLetterQueue, RouteQueue } from './queues';

/** Props of `EventRules`. */
export interface EventRulesProps {
  /** Names of the rules, one for each pattern. */
  readonly names: readonly string[];
  /** What they match on the default bus, the only one that has CloudTrail's events. */
  readonly patterns: readonly Pattern[];
  /** ARN of the queue or bus that receives the events. */
  readonly targetArn: string;
  /** ARN of the role for a bus of another Region. @default - none: the target's policy allows it */
  readonly roleArn?: string;
  /** The policy that allows the rules to send. A rule that is created before it would lose events. */
  readonly sendPolicy: IDependable;
  /** Queue for events that cannot be delivered to the target. */
  readonly deadLetters: Queue;
  /** Whether read-only management events match as well. */
  readonly reads: boolean;
}

/** The default of EventBridge, stated explicitly: one day, then the dead-letter queue. */
const RETRY = { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 };

/** EventBridge rules for defense-evasion events and, by configuration, the curated events of severity high. */
export class EventRules extends Construct {
  readonly rules: readonly CfnRule[];

  constructor(scope: Construct, id: string, props: EventRulesProps) {
    super(scope, id);
    const policy = allowRulesToSend(props.deadLetters, props.names);
    this.rules = props.patterns.map((eventPattern, at) => {
      const name = props.names[at];
      return new CfnRule(this, `Rule${at + 1}`, {
        name,
        description: 'Sends defense-evasion and high-severity events to Sightline',
        eventPattern,
        state: props.reads ? 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' : 'ENABLED',
        targets: [
          {
            id: 'sightline',
            arn: props.targetArn,
            ...(props.roleArn ? { roleArn: props.roleArn } : {}),
            deadLetterConfig: { arn: props.deadLetters.queueArn },
            retryPolicy: RETRY,
          },
        ],
      });
    });
    for (const rule of this.rules) rule.node.addDependency(policy, props.sendPolicy);
  }
}

/** Allows rules of this account and Region to send to a queue; returns the queue's policy. */
export function allowRulesToSend(queue: Queue, names: readonly string[]): IDependable {
  const stack = Stack.of(queue);
  queue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'RulesSend',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: {
        ArnEquals: { 'aws:SourceArn': names.map((name) => stack.formatArn({ service: 'events', resource: 'rule', resourceName: name })) },
      },
    }),
  );
  return queue.node.findChild('Policy');
}

/** Accounts whose region forwarders may send to the default bus, and the names of their roles. */
export interface CrossAccountPutEventsProps {
  readonly accounts: readonly string[];
  readonly roleNames: readonly string[];
  readonly statementId: string;
  readonly partition: string;
}

/** Allows the region forwarders of other accounts, and no other principals in them, to put events onto the default bus. */
export function allowCrossAccountPutEvents(scope: Construct, id: string, props: CrossAccountPutEventsProps): void {
  if (props.accounts.length === 0) return;
  new CfnResource(scope, id, {
    // The class of this type reads its own deprecated property `principal`, which prints a warning at every synthesis.
    type: CfnEventBusPolicy.CFN_RESOURCE_TYPE_NAME,
    properties: {
      StatementId: props.statementId,
      // One statement for all accounts, because the policy of a bus is limited to 10 KB.
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: props.accounts.map((account) => `arn:${props.partition}:iam::${account}:root`) },
        Action: 'events:PutEvents',
        Resource: Stack.of(scope).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' }),
        Condition: { ArnLike: { 'aws:PrincipalArn': props.roleNames.map((name) => `arn:${props.partition}:iam::*:role/${name}`) } },
      },
    },
  });
}

/** Props of `FastRoute`. */
export interface FastRouteProps {
  /** Names of the rules, and what they match. */
  readonly ruleNames: readonly string[];
  readonly patterns: readonly Pattern[];
  readonly reads: boolean;
  /** Name of the queue that feeds the function. */
  readonly queueName: string;
  /** Name of the queue for events that the rules cannot deliver. */
  readonly ruleDlqName: string;
  /** Key of the queues. Its policy must allow `events.amazonaws.com`. */
  readonly key: IKey;
  /** `event-forwarder`. */
  readonly forwarder: SightlineFunction;
  readonly timeout: Duration;
  /** Maximum number of concurrent functions: the load that the collector can take. */
  readonly maxConcurrency: number;
}

/** How long the collector may be unavailable before messages move to the dead-letter queue. */
const RETRY_PERIOD = Duration.days(1);

/**
 * Visibility timeout beyond the function's timeout. AWS advises six times the timeout, so that a throttled function
 * does not receive a message twice. On this route that would delay an event by half an hour after one failed
 * delivery; duplicates can be recognized by `event_id`.
 */
const VISIBILITY_MARGIN = Duration.seconds(30);

/** EventBridge to a queue to `event-forwarder`: the route that delivers within a minute. */
export class FastRoute extends Construct {
  readonly queue: RouteQueue;
  readonly ruleDeadLetters: Queue;
  readonly rules: EventRules;
  readonly mapping: EventSourceMapping;

  constructor(scope: Construct, id: string, props: FastRouteProps) {
    super(scope, id);
    this.queue = new RouteQueue(this, 'Waiting', {
      queueName: props.queueName,
      key: props.key,
      visibilityTimeout: props.timeout.plus(VISIBILITY_MARGIN),
      retryPeriod: RETRY_PERIOD,
    });
    this.ruleDeadLetters = new DeadLetterQueue(this, 'RuleDeadLetters', { queueName: props.ruleDlqName, key: props.key });
    this.rules = new EventRules(this, 'Rules', {
      names: props.ruleNames,
      patterns: props.patterns,
      reads: props.reads,
      targetArn: this.queue.queue.queueArn,
      sendPolicy: allowRulesToSend(this.queue.queue, props.ruleNames),
      deadLetters: this.ruleDeadLetters,
    });
    // Many events share one request and the wait for its acknowledgment. Otherwise thousands of denied calls would
    // delay the one event that matters.
    this.mapping = this.queue.feed(this, props.forwarder, props.maxConcurrency);
  }
}
