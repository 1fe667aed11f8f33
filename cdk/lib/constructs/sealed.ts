import { BlockPublicAccess, BucketProps, ObjectOwnership } from 'aws-cdk-lib/aws-s3';

/** What every bucket has: nobody from outside, no access lists, nothing but TLS 1.2 and newer. */
export const SEALED = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
} as const satisfies BucketProps;
