import * as z from 'zod';
import { arn, boolean, list, object, text, wholeNumber, word } from '../kinds';
import { KEY_ARN, LOG_DAYS } from './fields';

// S3 refuses these prefixes and suffixes, IP addresses and adjacent dots ("General purpose bucket naming rules").
const RESERVED_SUFFIX = /(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

/** Prefixes that S3 reserves in names of buckets. */
export const RESERVED_PREFIX = /^(xn--|sthree-|amzn-s3-demo-)/;

function isBucketName(name: string): boolean {
  return !RESERVED_PREFIX.test(name) && !RESERVED_SUFFIX.test(name) && !name.includes('..') && !/^\d+(\.\d+){3}$/.test(name);
}

/** A trail that Sightline creates, with its archive bucket, key and log group. */
export const NEW_TRAIL = object({
  /**
   * Days for which nobody, including the root user and AWS, can delete or overwrite a log file: S3 Object Lock in
   * compliance mode. It cannot be shortened or removed, so it has no default. 1 to 36500; `choose` synthesizes, but
   * cannot be deployed.
   */
  objectLockDays: z.union([word('choose'), wholeNumber(1, 36_500)], { error: 'a whole number from 1 to 36500' }),
  /**
   * Days after which a log file is deleted; its last version is deleted 30 days later. At least `objectLockDays`.
   * @default - log files are kept forever
   */
  expireDays: wholeNumber(1, 36_500).optional(),
  /**
   * Id of the organization (`o-…`) whose accounts the trail records. Deploy in the management account, with trusted
   * access for CloudTrail enabled in the organization: CloudFormation cannot start the trail of a delegated
   * administrator. In other accounts, create the trail in the management account first and adopt it.
   * @default - this account only
   */
  organizationId: text(/^o-[a-z0-9]{10,32}$/, 'the id of an organization: o-…').optional(),
  /**
   * CloudTrail Insights for call rates and error rates. Billed per event.
   * @default false
   */
  insights: boolean.optional(),
  /**
   * Data events to record, billed per event. Sightline's own buckets and functions are excluded, because the
   * pipeline would record itself endlessly.
   * @default - none
   */
  dataEvents: list(word('s3', 'lambda')).optional(),
  /**
   * Days for which CloudWatch Logs keeps the events: one of the periods that CloudWatch Logs accepts.
   * @default 30
   */
  logDays: LOG_DAYS.optional(),
  /**
   * Whether to create an SNS topic that is notified of every log file.
   * @default false
   */
  notifyTopic: boolean.optional(),
});

/** An existing trail. Only the notifications of its bucket are changed. */
export const EXISTING_TRAIL = object({
  /** The trail to adopt. */
  existing: object({
    /** Name of the bucket that the trail writes to. */
    bucketName: text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of an S3 bucket', isBucketName),
    /**
     * ARN of the key that encrypts the log files. Its policy must allow `s3-forwarder` to decrypt.
     * @default - no customer managed key
     */
    keyArn: KEY_ARN.optional(),
    /**
     * Name of the trail's log group. Required by the stream route.
     * @default - none
     */
    logGroupName: text(/^[\w.\-/#]{1,512}$/, 'the name of a log group').optional(),
    /**
     * ARN of an SNS topic that is notified of every object in the bucket.
     * @default - a notification is added to those of the bucket
     */
    topicArn: arn('sns', '[\\w-]{1,256}', '<topic>; S3 does not notify FIFO topics').optional(),
    /**
     * Key prefix before `AWSLogs/`, ending in a slash.
     * @default - no prefix
     */
    prefix: text(/^[^\s/][^\s]*\/$/, 'the key prefix before AWSLogs/, ending in a slash').optional(),
  }),
});
