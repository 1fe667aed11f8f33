import assert from 'node:assert/strict';
import test from 'node:test';
import { EXAMPLES } from '../examples';
import { EXISTING, HUNTRESS, ofType, RELAY, Resource, Resources, SMALL, synth } from '../support';
import { FULL, text } from './read';

/** A writer of a bucket: a service by the bucket policy, or a role by its own policy. */
type Writer = { readonly service: string } | { readonly role: string };

const shownWriter = (writer: Writer): string => ('service' in writer ? writer.service : writer.role);

/** The logical id of a reference. */
function target(reference: any): string {
  return reference?.Ref ?? reference?.['Fn::GetAtt']?.[0] ?? '';
}

const actions = (statement: any): string[] => [statement.Action].flat();
const mentions = (value: unknown, id: string): boolean => text(value ?? null).includes(`"${id}"`);
const allows = (statement: any, action: RegExp): boolean => statement.Effect === 'Allow' && actions(statement).some((one) => action.test(one));
const PUTS = /^s3:(PutObject|Put\*|\*)$/;
const DECRYPTS = /^kms:(Decrypt|\*)$/;
const GENERATES = /^kms:GenerateDataKey\*?$|^kms:\*$/;

/** All writers of the bucket, by policies and by resources with the bucket as destination. */
function writersOf(resources: Resources, id: string): Writer[] {
  const policies = ofType(resources, 'AWS::S3::BucketPolicy').filter(({ Properties }) => target(Properties.Bucket) === id);
  const services = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter((statement: any) => allows(statement, PUTS) && statement.Principal?.Service)
    .map((statement: any) => ({ service: statement.Principal.Service as string }));
  const roles = ofType(resources, 'AWS::IAM::Policy')
    .filter(({ Properties }) => Properties.PolicyDocument.Statement.some((statement: any) => allows(statement, PUTS) && mentions(statement.Resource, id)))
    .flatMap(({ Properties }) => Properties.Roles.map((role: any) => ({ role: target(role) })));
  return [...services, ...roles, ...namers(resources, id)];
}

/** CloudTrail, Firehose and Lambda write to the bucket of their configuration. */
function namers(resources: Resources, id: string): Writer[] {
  const trails = ofType(resources, 'AWS::CloudTrail::Trail').filter(({ Properties }) => target(Properties.S3BucketName) === id).map(() => ({ service: 'cloudtrail.amazonaws.com' }));
  const streams = ofType(resources, 'AWS::KinesisFirehose::DeliveryStream')
    .flatMap(({ Properties }) => Object.values<any>(Properties).map((destination) => destination?.S3Configuration))
    .filter((s3) => s3 && target(s3.BucketARN) === id)
    .map((s3) => ({ role: target(s3.RoleARN) }));
  const invoked = ofType(resources, 'AWS::Lambda::EventInvokeConfig')
    .filter(({ Properties }) => mentions(Properties.DestinationConfig, id))
    .map(({ Properties }) => ({ role: target(resources[target(Properties.FunctionName)]?.Properties.Role) }));
  return [...trails, ...streams, ...invoked];
}

/**
 * Conditions that S3 may not meet with a bucket key: it passes the ARN of the bucket to KMS as context. Whether the
 * context of the trail remains is unproven.
 */
const meetsBucketKey = (statement: any): boolean => !/kms:EncryptionContext/.test(text(statement.Condition ?? {}));

/** Whether a writer can generate data keys and decrypt with the key of a bucket. */
function mayUse(resources: Resources, writer: Writer, key: string): boolean {
  const keyPolicy: any[] = resources[key]?.Properties.KeyPolicy?.Statement ?? [];
  const statements = 'service' in writer
    ? keyPolicy.filter((statement) => statement.Principal?.Service === writer.service)
    : ofType(resources, 'AWS::IAM::Policy')
      .filter(({ Properties }) => Properties.Roles.some((role: any) => target(role) === writer.role))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter((statement: any) => mentions(statement.Resource, key));
  const usable = statements.filter(meetsBucketKey);
  return usable.some((statement) => allows(statement, DECRYPTS)) && usable.some((statement) => allows(statement, GENERATES));
}

const encryption = ({ Properties }: Resource): any => Properties.BucketEncryption?.ServerSideEncryptionConfiguration?.[0];

/**
 * Writers that a bucket with a bucket key rejects. "Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys" has
 * the context, "Configure AWS KMS key policies for CloudTrail" the right to decrypt.
 */
function refused(resources: Resources): string[] {
  return Object.entries(resources)
    .filter(([, resource]) => resource.Type === 'AWS::S3::Bucket' && encryption(resource)?.BucketKeyEnabled === true)
    .flatMap(([id, resource]) => {
      const key = target(encryption(resource).ServerSideEncryptionByDefault.KMSMasterKeyID);
      return writersOf(resources, id).filter((writer) => !mayUse(resources, writer, key)).map((writer) => `${id}: ${shownWriter(writer)}`);
    });
}

const CONFIGURATIONS = { ...EXAMPLES, small: SMALL, huntress: HUNTRESS, relay: RELAY, existing: EXISTING, 'S3 alone': FULL };

for (const [name, config] of Object.entries(CONFIGURATIONS)) {
  test(`${name}: writers of a bucket with a bucket key can decrypt with its key`, () => {
    const { hub, regionForwarders } = synth(config);
    for (const resources of [hub, ...regionForwarders]) assert.deepEqual(refused(resources), []);
  });

  test(`${name}: S3 can deliver access logs`, () => {
    const { hub } = synth(config);
    const destinations = ofType(hub, 'AWS::S3::Bucket').flatMap(({ Properties }) => (Properties.LoggingConfiguration ? [target(Properties.LoggingConfiguration.DestinationBucketName)] : []));
    // "Enabling Amazon S3 server access logging": the destination supports SSE-S3, but no KMS key.
    for (const id of destinations) assert.equal(encryption(hub[id] as Resource).ServerSideEncryptionByDefault.SSEAlgorithm, 'AES256');
  });
}

/** Logical ids without the hash at the end. */
const bare = (id: string): string => id.replace(/[0-9A-F]{8}$/, '');

test('the test above knows a writer of every bucket', () => {
  const writers = (hub: Resources) => Object.fromEntries(Object.entries(hub).filter(([, { Type }]) => Type === 'AWS::S3::Bucket')
    .map(([id]) => [bare(id), [...new Set(writersOf(hub, id).map(shownWriter).map(bare))].sort()]));
  const archive = { TrailArchiveBucket: ['cloudtrail.amazonaws.com'], TrailArchiveAccessLogs: ['logging.s3.amazonaws.com'] };
  assert.deepEqual(writers(synth(SMALL).hub), {
    ...archive, DeadLetters: ['S3Backfill', 'eventforwarderRole', 's3forwarderRole'], FirehoseBackup: ['StreamRole'],
  });
  // Lambda writes failed invocations with the role of the function.
  assert.deepEqual(writers(synth(HUNTRESS).hub), {
    ...archive, DeadLetters: ['S3Backfill', 'eventforwarderRole', 's3forwarderRole', 'subscriptionforwarderRole'], DirectUndelivered: ['subscriptionforwarderRole'],
  });
});

test('the archive would reject CloudTrail with a bucket key and a policy about log files only', () => {
  const hub: Resources = structuredClone(synth(SMALL).hub);
  const [, archive] = Object.entries(hub).find(([id]) => id.startsWith('TrailArchiveBucket') && !id.includes('Policy')) ?? [];
  encryption(archive as Resource).BucketKeyEnabled = true;
  assert.equal(new Set(refused(hub)).size, 1);
});
