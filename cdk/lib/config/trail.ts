/** A trail that Sightline creates, with its archive bucket, key and log group. */
export interface NewTrail {
  /**
   * Days for which nobody, the root user and AWS included, can delete or overwrite a log file:
   * S3 Object Lock in compliance mode. It cannot be shortened or taken back, so that it has no
   * default. 1 to 36500; `choose` synthesizes, and cannot be deployed.
   */
  readonly objectLockDays: number | 'choose';
  /**
   * Days after which a log file is deleted, for good 30 days later. At least `objectLockDays`.
   * @default - kept for ever
   */
  readonly expireDays?: number;
  /**
   * Id of the organisation (`o-…`) whose accounts the trail records. Deploy it in the management
   * account, where CloudTrail is trusted in the organisation: CloudFormation cannot start the trail
   * of a delegated administrator. Elsewhere have the trail made there, and adopt it.
   * @default - this account alone
   */
  readonly organizationId?: string;
  /**
   * CloudTrail Insights for call rates and error rates. Billed by the event.
   * @default false
   */
  readonly insights?: boolean;
  /**
   * Data events to record, billed by the event. Sightline's own buckets and functions are left
   * out, since the pipeline would record itself without end.
   * @default - none
   */
  readonly dataEvents?: readonly ('s3' | 'lambda')[];
  /**
   * Days for which CloudWatch Logs keeps events: one of the periods that it knows.
   * @default 30
   */
  readonly logDays?: number;
  /**
   * An SNS topic that hears of every log file.
   * @default false
   */
  readonly notifyTopic?: boolean;
}

/** A trail that is there already. Nothing of it is changed but the bucket's notifications. */
export interface ExistingTrail {
  /** The trail to adopt. */
  readonly existing: {
    /** Name of the bucket that the trail writes to. */
    readonly bucketName: string;
    /**
     * ARN of the key that encrypts the log files. Its policy has to let `s3-forwarder` decrypt.
     * @default - no customer managed key
     */
    readonly keyArn?: string;
    /**
     * Name of the trail's log group. The stream route needs it.
     * @default - none
     */
    readonly logGroupName?: string;
    /**
     * ARN of an SNS topic that hears of every object in the bucket.
     * @default - a notification is added to those of the bucket
     */
    readonly topicArn?: string;
    /**
     * What stands before `AWSLogs/` in the keys, ending in a slash.
     * @default - nothing
     */
    readonly prefix?: string;
  };
}
