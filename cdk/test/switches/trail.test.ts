import { SightlineConfig } from '../../lib/config';
import { EXISTING, Resources, SMALL } from '../support';
import { bucket, FULL, testSwitches, ofType, one, ORGANIZATION, policyOf, Switch, text, trail } from './read';

const SWITCHES: readonly Switch[] = [
  ['trail: logging', SMALL, (hub) => trail(hub).IsLogging, true],
  ['trail: every Region', SMALL, (hub) => trail(hub).IsMultiRegionTrail, true],
  ['trail: global services', SMALL, (hub) => trail(hub).IncludeGlobalServiceEvents, true],
  ['trail: log-file validation', SMALL, (hub) => trail(hub).EnableLogFileValidation, true],
  ['trail: encrypted', SMALL, (hub) => trail(hub).KMSKeyId !== undefined, true],
  ['trail: only its own account', SMALL, (hub) => trail(hub).IsOrganizationTrail, false],
  ['trail: the organization', ORGANIZATION, (hub) => trail(hub).IsOrganizationTrail, true],
  ['trail: no Insights by default', SMALL, (hub) => trail(hub).InsightSelectors, undefined],
  ['trail: Insights', ORGANIZATION, (hub) => trail(hub).InsightSelectors.length, 2],
  ['trail: all management events', SMALL, (hub) => trail(hub).AdvancedEventSelectors, [{ Name: 'Management', FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] }]],
  ['trail: data events of own buckets are not recorded', ORGANIZATION, (hub) => trail(hub).AdvancedEventSelectors[1].FieldSelectors[2].NotStartsWith,
    ['archive', 'access-logs', 'dead-letters', 'firehose-backup', 'undelivered'].map((name) => `arn:aws:s3:::acme-sightline-${name}-111122223333-eu-west-1/`)],
  ['trail: data events of own functions are not recorded, with or without a version or an alias', ORGANIZATION,
    (hub) => { const { NotEquals, NotStartsWith } = trail(hub).AdvancedEventSelectors[2].FieldSelectors[2]; return [NotEquals, NotStartsWith]; },
    ['', ':'].map((end) => ['firehose-transform', 'event-forwarder', 's3-forwarder'].map((name) => `arn:aws:lambda:eu-west-1:111122223333:function:acme-sightline-${name}${end}`))],
  ['trail: depends on the bucket policy', SMALL, (hub) => text(ofType(hub, 'AWS::CloudTrail::Trail')[0]?.DependsOn).includes('ArchiveBucketPolicy'), true],
  ['trail: its key is retained', SMALL, (hub) => ofType(hub, 'AWS::KMS::Key').map(({ DeletionPolicy }) => DeletionPolicy).sort(), ['Delete', 'RetainExceptOnCreate']],
  ['keys: rotate', SMALL, (hub) => ofType(hub, 'AWS::KMS::Key').map(({ Properties }) => Properties.EnableKeyRotation), [true, true]],
  ['trail key: for this trail only', SMALL, (hub) => policyOf(hub, 'AWS::KMS::Key', 'TrailKey').find(({ Sid }) => Sid === 'CloudTrailEncrypt').Condition.StringEquals,
    { 'aws:SourceArn': 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/sightline' }],
  ['existing trail: no trail is created', EXISTING, (hub) => ofType(hub, 'AWS::CloudTrail::Trail').length + ofType(hub, 'AWS::S3::Bucket').length, 2],
  ['archive: Object Lock', SMALL, (hub) => bucket(hub, 'archive').ObjectLockEnabled, true],
  ['archive: compliance mode', SMALL, (hub) => bucket(hub, 'archive').ObjectLockConfiguration.Rule.DefaultRetention, { Mode: 'COMPLIANCE', Days: 30 }],
  ['archive: versions', SMALL, (hub) => bucket(hub, 'archive').VersioningConfiguration.Status, 'Enabled'],
  ['archive: KMS', SMALL, (hub) => bucket(hub, 'archive').BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.SSEAlgorithm, 'aws:kms'],
  ['archive: access is logged', SMALL, (hub) => bucket(hub, 'archive').LoggingConfiguration.LogFilePrefix, 'archive/'],
  ['archive: does not expire by default', SMALL, (hub) => bucket(hub, 'archive').LifecycleConfiguration.Rules[0].ExpirationInDays, undefined],
  ['archive: expires if configured', ORGANIZATION, (hub) => bucket(hub, 'archive').LifecycleConfiguration.Rules[0].ExpirationInDays, 2_557],
  ['archive: retained with the stack deleted', SMALL, (hub) => Object.entries(hub).find(([id, { Type }]) => Type === 'AWS::S3::Bucket' && id.startsWith('TrailArchiveBucket'))?.[1].DeletionPolicy, 'RetainExceptOnCreate'],
  ['archive: notifies the queue', SMALL, (hub) => bucket(hub, 'archive').NotificationConfiguration.QueueConfigurations[0].Event, 's3:ObjectCreated:*'],
  ['archive: depends on the queue policy', SMALL, (hub) => text(Object.entries(hub).find(([id]) => id.startsWith('TrailArchiveBucket'))?.[1].DependsOn).includes('S3WaitingQueuePolicy'), true],
  ['archive: CloudTrail writes for this trail only', SMALL, (hub) => policyOf(hub, 'AWS::S3::BucketPolicy', 'TrailArchiveBucketPolicy').find(({ Sid }) => Sid === 'CloudTrailWrite').Condition,
    { StringEquals: { 'aws:SourceArn': 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/sightline', 's3:x-amz-acl': 'bucket-owner-full-control' } }],
  ['archive: members write under the organization', ORGANIZATION, (hub) => text(policyOf(hub, 'AWS::S3::BucketPolicy', 'TrailArchiveBucketPolicy').find(({ Sid }) => Sid === 'CloudTrailWrite').Resource).includes('/AWSLogs/o-a1b2c3d4e5/*'), true],
  ['buckets: no public access', SMALL, (hub) => ofType(hub, 'AWS::S3::Bucket').every(({ Properties }) => Object.values(Properties.PublicAccessBlockConfiguration).every((on) => on === true)), true],
  ['buckets: no ACLs', SMALL, (hub) => ofType(hub, 'AWS::S3::Bucket').every(({ Properties }) => Properties.OwnershipControls.Rules[0].ObjectOwnership === 'BucketOwnerEnforced'), true],
  ['buckets: TLS only', SMALL, (hub) => ofType(hub, 'AWS::S3::BucketPolicy').filter(({ Properties }) => text(Properties).includes('"aws:SecureTransport":"false"')).length, 4],
  ['log groups: encrypted and not kept forever', SMALL, (hub) => ofType(hub, 'AWS::Logs::LogGroup').every(({ Properties }) => Properties.KmsKeyId && Properties.RetentionInDays > 0), true],
  ['trail: depends on its role', SMALL, (hub) => text(ofType(hub, 'AWS::CloudTrail::Trail')[0]?.DependsOn).includes('TrailRoleDefaultPolicy'), true],
  ['trail: no log group without a stream', FULL, (hub) => trail(hub).CloudWatchLogsLogGroupArn, undefined],
  ['trail: log group for the stream', SMALL, (hub) => trail(hub).CloudWatchLogsLogGroupArn !== undefined, true],
  ['archive: expires before it would move', { ...SMALL, trail: { objectLockDays: 1, expireDays: 90 } }, (hub) => bucket(hub, 'archive').LifecycleConfiguration.Rules[0].Transitions, undefined],
  ['archive: moves to cheaper storage', SMALL, (hub) => bucket(hub, 'archive').LifecycleConfiguration.Rules[0].Transitions[0].TransitionInDays, 90],
  ['archive: overwritten objects can be restored for a month', SMALL, (hub) => bucket(hub, 'archive').LifecycleConfiguration.Rules[0].NoncurrentVersionExpiration.NoncurrentDays, 30],
  ['archive: access logs have an encryption that S3 can write to', SMALL, (hub) => bucket(hub, 'access-logs').BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.SSEAlgorithm, 'AES256'],
  ['existing trail: only log files cause notifications', EXISTING, (hub) => notificationFilter(hub), ['AWSLogs/', '.json.gz']],
  ['existing trail: under its prefix', { ...EXISTING, trail: { existing: { bucketName: 'acme-trail', logGroupName: 'acme/trail', prefix: 'org/' } } } as SightlineConfig, (hub) => notificationFilter(hub), ['org/AWSLogs/', '.json.gz']],
  ['created trail: only log files cause notifications', SMALL,
    (hub) => bucket(hub, 'archive').NotificationConfiguration.QueueConfigurations[0].Filter.S3Key.Rules.map(({ Value }: any) => Value), ['AWSLogs/', '.json.gz']],
];

testSwitches(SWITCHES);

/** Prefix and suffix of the notifications of an existing trail's bucket. */
function notificationFilter(hub: Resources): string[] {
  const { NotificationConfiguration } = one(hub, 'Custom::S3BucketNotifications');
  return NotificationConfiguration.QueueConfigurations[0].Filter.Key.FilterRules.map(({ Value }: any) => Value).reverse();
}
