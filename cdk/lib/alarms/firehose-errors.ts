import type { Names } from '../names';

/** An error in the log group of a Firehose stream that a metric filter counts. */
export interface FirehoseError {
  /** Id of the alarm. */
  readonly id: string;
  /** What it means and what to check first. */
  readonly description: string;
  /** Name of the metric. */
  readonly metric: string;
  /** Destinations that log such errors. */
  readonly destinations: readonly Names['config']['stream']['destination'][];
  /** Filter pattern. */
  readonly pattern: string;
}

/**
 * Errors for which Firehose has no metric for every destination. Codes are those of "Monitor Amazon Data Firehose Using
 * CloudWatch Logs"; the fields of a line are from an example in "Troubleshooting HTTP endpoints".
 */
export const FIREHOSE_ERRORS: readonly FirehoseError[] = [
  {
    id: 'firehose-backup-errors', metric: 'FirehoseBackupErrors', destinations: ['splunk', 'relay'],
    description: 'Firehose cannot write to the backup bucket. It stops delivering, and events are lost after 24 hours. Check the bucket, its key and the role of the stream.',
    pattern: '{ $.errorCode = "S3.*" }',
  },
  {
    // A response of 413 ends the delivery of a request without a retry and without a copy in the backup bucket
    // ("Understand HTTP endpoint delivery request and response specifications").
    id: 'firehose-too-large', metric: 'FirehoseRequestsTooLarge', destinations: ['relay'],
    description: 'Lambda rejected a request of Firehose as too large. Its events are not in the backup bucket: send them again from the archive with "sightline send".',
    pattern: '{ ($.errorCode = "HttpEndpoint.DestinationException") && ($.message = "*destination. 413*") }',
  },
];

/** Id of the request metrics of the backup bucket, for all objects. */
export const WRITES = 'EntireBucket';
