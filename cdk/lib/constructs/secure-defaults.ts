import { BlockPublicAccess, BucketProps, ObjectOwnership } from 'aws-cdk-lib/aws-s3';

/** Secure defaults of every bucket: no public access, no ACLs, TLS 1.2 or newer only. */
export const SECURE_DEFAULTS = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
} as const satisfies BucketProps;
