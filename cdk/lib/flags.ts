/**
 * Feature flags of the CDK library, kept in code so that tests and tools get the templates that
 * `cdk synth` makes.
 */
export const FLAGS: Readonly<Record<string, unknown>> = {
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/core:checkSecretUsage': true,
  '@aws-cdk/aws-kms:aliasNameRef': true,
  '@aws-cdk/aws-s3:createDefaultLoggingPolicy': true,
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption': true,
  '@aws-cdk/aws-kms:reduceCrossAccountRegionPolicyScope': true,
  // A version is published if the function's code or configuration changes, and not for tags or concurrency.
  '@aws-cdk/aws-lambda:recognizeVersionProps': true,
  '@aws-cdk/aws-lambda:recognizeLayerVersion': true,
  '@aws-cdk/core:enablePartitionLiterals': true,
  '@aws-cdk/core:target-partitions': ['aws', 'aws-us-gov'],
  // What the library's rules find in a template stops synthesis, where it would be a warning.
  '@aws-cdk/core:validateAgainstDefaultRules': true,
};
