import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { IDependable } from 'constructs';

/** Allows a bucket of this account to send messages to a queue; returns the queue's policy. */
export function allowBucketToSend(queue: Queue, bucketName: string): IDependable {
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
 * Notifies a queue of new objects in a bucket of this stack. The notification is part of the bucket's resource: the
 * CDK library would deploy a function that may change the notifications of any bucket.
 */
export function notifyQueue(bucket: Bucket, queue: Queue, policy: IDependable, filter: { readonly prefix: string; readonly suffix?: string }): void {
  const rules = [{ name: 'prefix', value: filter.prefix }, ...(filter.suffix ? [{ name: 'suffix', value: filter.suffix }] : [])];
  (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
    queueConfigurations: [{ event: 's3:ObjectCreated:*', queue: queue.queueArn, filter: { s3Key: { rules } } }],
  };
  // S3 sends a test message when the notification is created, so the queue's policy must exist first.
  bucket.node.addDependency(policy);
}
