import { CURRENT_VERSION_FLAG_DEFAULTS, CURRENTLY_RECOMMENDED_FLAGS } from 'aws-cdk-lib/cx-api';

/** Flags that are not set below, with the library's defaults: the CDK CLI reports unset flags at every synthesis. */
const UNCHANGED = Object.fromEntries(Object.keys(CURRENTLY_RECOMMENDED_FLAGS).map((name) => [name, (CURRENT_VERSION_FLAG_DEFAULTS[name] ?? false) as unknown]));

/**
 * Feature flags of the CDK library, in code so that tests and tools get the same templates as `cdk synth`.
 */
export const FLAGS: Readonly<Record<string, unknown>> = {
  ...UNCHANGED,
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/core:checkSecretUsage': true,
  '@aws-cdk/aws-kms:aliasNameRef': true,
  '@aws-cdk/aws-s3:createDefaultLoggingPolicy': true,
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption': true,
  '@aws-cdk/aws-kms:reduceCrossAccountRegionPolicyScope': true,
  // A version is published if the function's code or configuration changes, but not for tags or concurrency.
  '@aws-cdk/aws-lambda:recognizeVersionProps': true,
  '@aws-cdk/aws-lambda:recognizeLayerVersion': true,
  '@aws-cdk/core:enablePartitionLiterals': true,
  '@aws-cdk/core:target-partitions': ['aws', 'aws-us-gov'],
  // Findings of the library's own rules stop synthesis; by default they are warnings.
  '@aws-cdk/core:validateAgainstDefaultRules': true,
};
