import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { IDependable } from 'constructs';

/** Lets a bucket of this account send messages to a queue; returns the policy that does. */
export function letBucketSend(queue: Queue, bucketName: string): IDependable {
  const { partition, account } = Stack.of(queue);
  queue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'BucketNotifies',
      effect: Effect.ALLOW,
      principals: [new ServicePrincipal('s3.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: {
        ArnEquals: { 'aws:SourceArn': `arn:${partition}:s3:::${bucketName}` },
        StringEquals: { 'aws:SourceAccount': account },
      },
    }),
  );
  return queue.node.findChild('Policy');
}

/**
 * Announces new objects of a bucket of this stack to a queue. In the bucket's own template: the CDK library would
 * deploy a function that may change the notifications of any bucket.
 */
export function announce(bucket: Bucket, queue: Queue, policy: IDependable, filter: { readonly prefix: string; readonly suffix?: string }): void {
  const rules = [{ name: 'prefix', value: filter.prefix }, ...(filter.suffix ? [{ name: 'suffix', value: filter.suffix }] : [])];
  (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
    queueConfigurations: [{ event: 's3:ObjectCreated:*', queue: queue.queueArn, filter: { s3Key: { rules } } }],
  };
  // S3 sends a test message when the notification is created, so the queue's policy has to be there.
  bucket.node.addDependency(policy);
}
