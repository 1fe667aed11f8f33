import { Lazy } from 'aws-cdk-lib';
import { CfnVersion, Function } from 'aws-cdk-lib/aws-lambda';

/** Length of the hash with which the CDK library ends the logical id of a function's current version: MD5 in hex. */
const HASH = 32;

/** A hash of the code and the configuration of a function, known at the end of synthesis: each version has another. */
export function versionHash(handler: Function): string {
  const version = handler.currentVersion.node.defaultChild as CfnVersion;
  return Lazy.uncachedString({ produce: ({ resolve }) => String(resolve(version.logicalId)).slice(-HASH) });
}
