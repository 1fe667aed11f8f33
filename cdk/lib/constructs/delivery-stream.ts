import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDeliveryStream, CfnDeliveryStreamProps } from 'aws-cdk-lib/aws-kinesisfirehose';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnMetricFilter, LogGroup, LogStream, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { FIREHOSE_ERRORS } from '../alarms/firehose-errors';
import { suppressNag } from '../nag-suppressions';
import { SightlineFunction } from './function';
import { grantRead, SecretRef } from './secrets';

/** Splunk, with indexer acknowledgments. */
export interface SplunkTarget {
  readonly kind: 'splunk';
  /** Scheme, host and port. Firehose appends the path. */
  readonly url: string;
  /** Secret with `{"hec_token":"…"}`. */
  readonly secret: SecretRef;
}

/** `firehose-relay` behind its function URL. */
export interface RelayTarget {
  readonly kind: 'relay';
  /** The function's URL. */
  readonly url: string;
  /** Secret with `{"api_key":"…"}`, which the relay reads as well. */
  readonly secret: SecretRef;
}

/** Props of `DeliveryStream`. */
export interface DeliveryStreamProps {
  /** Name of the stream. */
  readonly streamName: string;
  /** Destination. */
  readonly target: SplunkTarget | RelayTarget;
  /** The transformation. It re-ingests records that do not fit its response. */
  readonly transform: SightlineFunction;
  /** Bucket for records that cannot be transformed or delivered. */
  readonly backup: Bucket;
  /** Key of the backup bucket and of the stream itself. */
  readonly key: IKey;
  /** Seconds for which Firehose buffers events. */
  readonly bufferSeconds: number;
  /** Megabytes after which Firehose delivers earlier. */
  readonly bufferMegabytes: number;
  /** Seconds for which a delivery is retried, not counting the wait for an acknowledgment. */
  readonly retrySeconds: number;
  /** Log group of delivery errors, its retention and the name of the role. */
  readonly logGroupName: string;
  readonly logDays: number;
  readonly roleName: string;
  /** Namespace of the metrics that count errors in the log group. */
  readonly metricNamespace: string;
}

/**
 * Megabytes of input for one transformation. CloudWatch Logs sends gzip, which inflates 10 to 20 times: with 256 KB,
 * the default for Splunk, most responses stay below Lambda's 6 MB. Records that still do not fit are re-ingested.
 */
const PROCESSOR_MEGABYTES = '0.25';

/** Seconds of input for one transformation. The default of 60 would delay every event by up to a minute. */
const PROCESSOR_SECONDS = '5';

/** Seconds to wait for an acknowledgment. A healthy Splunk indexes within seconds. */
const ACK_SECONDS = 300;

/** A delivery stream that transforms and delivers records, and backs up those that fail. */
export class DeliveryStream extends Construct {
  readonly arn: string;
  readonly name: string;
  readonly resource: CfnDeliveryStream;
  private readonly key: IKey;

  constructor(scope: Construct, id: string, props: DeliveryStreamProps) {
    super(scope, id);
    const { target } = props;
    this.key = props.key;
    this.name = props.streamName;
    this.arn = Stack.of(this).formatArn({ service: 'firehose', resource: 'deliverystream', resourceName: props.streamName });

    const logs = new LogGroup(this, 'Logs', {
      logGroupName: props.logGroupName, retention: props.logDays as RetentionDays, encryptionKey: props.key, removalPolicy: RemovalPolicy.DESTROY,
    });
    countErrors(this, logs, target.kind, props.metricNamespace);
    const role = this.role(props, logs);
    this.resource = new CfnDeliveryStream(this, 'Resource', {
      deliveryStreamName: props.streamName,
      deliveryStreamType: 'DirectPut',
      deliveryStreamEncryptionConfigurationInput: { keyType: 'CUSTOMER_MANAGED_CMK', keyArn: props.key.keyArn },
      ...destinationOf(target, this.common(props, role, logs)),
    });
    this.resource.node.addDependency(role);
    props.transform.role?.addToPrincipalPolicy(
      // Without it, records that do not fit a response would end under the error prefix.
      new PolicyStatement({ effect: Effect.ALLOW, actions: ['firehose:PutRecordBatch'], resources: [this.arn] }),
    );
    if (props.transform.role) this.allowWriterToUseKey(props.transform.role);
  }

  /**
   * Allows a writer of the stream to use its key, through Firehose only. Firehose has a grant of its own
   * ("DeliveryStreamEncryptionConfigurationInput" in its API Reference); whether it also calls KMS on behalf of
   * the writer is unproven. Without this right CloudWatch Logs would reject the subscription filter.
   */
  allowWriterToUseKey(writer: IRole): void {
    writer.addToPrincipalPolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
        resources: [this.key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `firehose.${Stack.of(this).region}.amazonaws.com` } },
      }),
    );
  }

  /** The properties of both kinds of destinations. */
  private common(props: DeliveryStreamProps, { roleArn }: IRole, logs: LogGroup) {
    const errors = (what: string) => ({
      enabled: true,
      logGroupName: logs.logGroupName,
      logStreamName: new LogStream(this, `${what}Errors`, { logGroup: logs, logStreamName: what, removalPolicy: RemovalPolicy.DESTROY }).logStreamName,
    });
    return {
      roleArn,
      secretsManagerConfiguration: { enabled: true, secretArn: props.target.secret.arn, roleArn },
      bufferingHints: { intervalInSeconds: props.bufferSeconds, sizeInMBs: props.bufferMegabytes },
      retryOptions: { durationInSeconds: props.retrySeconds },
      cloudWatchLoggingOptions: errors('Delivery'),
      processingConfiguration: processing(props.transform, roleArn),
      s3Configuration: {
        roleArn,
        bucketArn: props.backup.bucketArn,
        // `sightline replay` expects the error type as the first part.
        errorOutputPrefix: '!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/',
        prefix: 'delivered/',
        compressionFormat: 'GZIP',
        bufferingHints: { intervalInSeconds: 60, sizeInMBs: 5 },
        encryptionConfiguration: { kmsEncryptionConfig: { awskmsKeyArn: props.key.keyArn } },
        cloudWatchLoggingOptions: errors('Backup'),
      },
    };
  }

  private role(props: DeliveryStreamProps, logs: LogGroup): Role {
    const { region } = Stack.of(this);
    const role = new Role(this, 'Role', {
      roleName: props.roleName,
      // Without a condition, as AWS documents it: a role can be passed only within its account.
      assumedBy: new ServicePrincipal('firehose.amazonaws.com'),
    });
    const allow = (actions: string[], resources: string[], conditions?: Record<string, unknown>) =>
      role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources, ...(conditions ? { conditions } : {}) }));
    allow(['lambda:InvokeFunction', 'lambda:GetFunctionConfiguration'], [props.transform.live.functionArn]);
    allow(['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'], [props.backup.bucketArn]);
    allow(['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload'], [props.backup.arnForObjects('*')]);
    allow(['kms:GenerateDataKey', 'kms:Decrypt'], [props.key.keyArn], {
      StringEquals: { 'kms:ViaService': [`s3.${region}.amazonaws.com`, `firehose.${region}.amazonaws.com`] },
    });
    allow(['logs:PutLogEvents'], [logs.logGroupArn]);
    grantRead(role, props.target.secret, region);
    suppressNag(role, { '.Arn>/*': 'Firehose names the objects of its error output itself, in this one bucket.' });
    return role;
  }
}

/** Counts errors for which Firehose has no metric. */
function countErrors(scope: Construct, logs: LogGroup, destination: 'splunk' | 'relay', metricNamespace: string): void {
  for (const { id, metric, pattern } of FIREHOSE_ERRORS.filter(({ destinations }) => destinations.includes(destination))) {
    new CfnMetricFilter(scope, id, {
      logGroupName: logs.logGroupName,
      filterName: id,
      filterPattern: pattern,
      metricTransformations: [{ metricNamespace, metricName: metric, metricValue: '1', unit: 'Count' }],
    });
  }
}

function processing(transform: SightlineFunction, roleArn: string): CfnDeliveryStream.ProcessingConfigurationProperty {
  const parameter = (parameterName: string, parameterValue: string) => ({ parameterName, parameterValue });
  return {
    enabled: true,
    processors: [
      {
        type: 'Lambda',
        parameters: [
          parameter('LambdaArn', transform.live.functionArn),
          parameter('RoleArn', roleArn),
          parameter('BufferSizeInMBs', PROCESSOR_MEGABYTES),
          parameter('BufferIntervalInSeconds', PROCESSOR_SECONDS),
          parameter('NumberOfRetries', '3'),
        ],
      },
    ],
  };
}

type Common = ReturnType<DeliveryStream['common']>;

function destinationOf(target: SplunkTarget | RelayTarget, common: Common): Partial<CfnDeliveryStreamProps> {
  if (target.kind === 'relay') {
    return {
      httpEndpointDestinationConfiguration: {
        ...common,
        endpointConfiguration: { name: 'firehose-relay', url: target.url },
        // Not compressed: Lambda counts the relay's limit of 6 MB after base64 encoding in any case.
        requestConfiguration: { contentEncoding: 'NONE' },
        s3BackupMode: 'FailedDataOnly',
      },
    };
  }
  const { roleArn: _, ...rest } = common;
  return {
    splunkDestinationConfiguration: {
      ...rest,
      hecEndpoint: target.url,
      hecEndpointType: 'Event',
      hecAcknowledgmentTimeoutInSeconds: ACK_SECONDS,
      // `AllEvents` cannot be changed later, and would also store delivered events.
      s3BackupMode: 'FailedEventsOnly',
    },
  };
}
