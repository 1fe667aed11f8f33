import { Duration, Stack } from 'aws-cdk-lib';
import { CfnEventBusPolicy, CfnRule } from 'aws-cdk-lib/aws-events';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct, IDependable } from 'constructs';
import { Pattern } from '../patterns';
import { SightlineFunction } from './function';
import { ParkingQueue, RouteQueue } from './queue';

/** Props of `EventRules`. */
export interface EventRulesProps {
  /** Names of the rules, one for each pattern. */
  readonly names: readonly string[];
  /** What they match on the default bus, the only one that has CloudTrail's events. */
  readonly patterns: readonly Pattern[];
  /** ARN of the queue or bus that they hand events to. */
  readonly targetArn: string;
  /** ARN of the role for a bus of another Region. @default - none: the target's policy allows it */
  readonly roleArn?: string;
  /** What lets the rules hand events over: a rule that is there before it would lose them. */
  readonly allowance: IDependable;
  /** Queue for what cannot be handed over. */
  readonly deadLetters: Queue;
  /** Match read-only management events as well. */
  readonly reads: boolean;
}

/** EventBridge's own default, said out loud: a day, then the dead-letter queue. */
const RETRY = { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 };

/** Rules for the events that cannot wait. */
export class EventRules extends Construct {
  readonly rules: readonly CfnRule[];

  constructor(scope: Construct, id: string, props: EventRulesProps) {
    super(scope, id);
    const policy = letRulesSend(props.deadLetters, props.names);
    this.rules = props.patterns.map((eventPattern, at) => {
      const name = props.names[at];
      return new CfnRule(this, `Rule${at + 1}`, {
        name,
        description: 'Events that blind, and others that cannot wait, to Sightline',
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
    for (const rule of this.rules) rule.node.addDependency(policy, props.allowance);
  }
}

/** Lets rules of this account and Region put messages onto a queue; returns the policy that does. */
export function letRulesSend(queue: Queue, names: readonly string[]): IDependable {
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

/** Accounts whose relays may send to the default bus, and the names of the relays' roles. */
export interface RelayingAccounts {
  readonly accounts: readonly string[];
  readonly roleNames: readonly string[];
  readonly statementId: string;
  readonly partition: string;
}

/** Lets the relays of other accounts, and nobody else of those, put events onto the default bus. */
export function letAccountsRelay(scope: Construct, id: string, props: RelayingAccounts): void {
  if (props.accounts.length === 0) return;
  // One statement for all accounts, since the policy of a bus holds 10 KB.
  new CfnEventBusPolicy(scope, id, {
    statementId: props.statementId,
    statement: {
      Effect: 'Allow',
      Principal: { AWS: props.accounts.map((account) => `arn:${props.partition}:iam::${account}:root`) },
      Action: 'events:PutEvents',
      Resource: Stack.of(scope).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' }),
      Condition: { ArnLike: { 'aws:PrincipalArn': props.roleNames.map((name) => `arn:${props.partition}:iam::*:role/${name}`) } },
    },
  });
}

/** Props of `FastRoute`. */
export interface FastRouteProps {
  /** Names of the rules, and what they match. */
  readonly ruleNames: readonly string[];
  readonly patterns: readonly Pattern[];
  readonly reads: boolean;
  /** Name of the queue before the function. */
  readonly queueName: string;
  /** Name of the queue for what the rules cannot hand over. */
  readonly ruleDlqName: string;
  /** Key of the queues. `events.amazonaws.com` has to be allowed to use it. */
  readonly key: IKey;
  /** `event-forwarder`. */
  readonly forwarder: SightlineFunction;
  readonly timeout: Duration;
  /** Functions at once: what the collector bears in a storm. */
  readonly maxConcurrency: number;
}

/** How long the collector may be away. */
const PATIENCE = Duration.days(1);

/**
 * How much longer than the function's run a message is hidden. AWS advises six times as long, so that a
 * throttled function takes none twice; but what cannot wait must not wait for half an hour after a
 * refusal, and the collector knows an event that comes twice by its id.
 */
const GRACE = Duration.seconds(30);

/** EventBridge to a queue to `event-forwarder`: the route that can be faster than a minute. */
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
      hidden: props.timeout.plus(GRACE),
      patience: PATIENCE,
    });
    this.ruleDeadLetters = new ParkingQueue(this, 'RuleDeadLetters', { queueName: props.ruleDlqName, key: props.key });
    this.rules = new EventRules(this, 'Rules', {
      names: props.ruleNames,
      patterns: props.patterns,
      reads: props.reads,
      targetArn: this.queue.queue.queueArn,
      allowance: letRulesSend(this.queue.queue, props.ruleNames),
      deadLetters: this.ruleDeadLetters,
    });
    // The events of a storm share a request and the wait for its acknowledgement, or refused calls by the
    // thousand would hold up the one that matters.
    this.mapping = this.queue.feed(this, props.forwarder, props.maxConcurrency);
  }
}
