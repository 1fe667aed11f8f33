import { arn, numberOf, text } from '../kinds';
import { isSupportedRegion, REGION_EXPECTED } from '../regions';

/*
 * Kinds of values that several parts of the configuration use.
 */

export const ACCOUNT = text(/^\d{12}$/, 'an account id of 12 digits');

export const REGION = text(/./, REGION_EXPECTED, isSupportedRegion);

/** A policy with a part of the ARN, or with a JSON key after it, would not grant access to the secret. */
export const SECRET_ARN = arn('secretsmanager', 'secret:[\\w/+=.@-]+-[A-Za-z0-9]{6}', 'secret:<name>-AbCdEf, with the six characters at the end and no JSON key after them');

/** IAM matches ARNs of keys, never those of aliases. */
export const KEY_ARN = arn('kms', 'key/(mrk-)?[0-9a-f][0-9a-f-]*', 'key/<id>, not the ARN of an alias');

/** Periods for which CloudWatch Logs keeps a log group, in days ("PutRetentionPolicy"). */
export const LOG_DAYS = numberOf([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]);
