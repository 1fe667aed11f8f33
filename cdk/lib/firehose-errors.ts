import type { Names } from './names';

/** Errors in the log group of a delivery stream that are counted by a metric filter. */
export interface FirehoseError {
  /** Id of the alarm. */
  readonly id: string;
  /** What it means and what to look at first. */
  readonly about: string;
  /** Name of the metric. */
  readonly metric: string;
  /** Destinations that log such errors. */
  readonly destinations: readonly Names['config']['stream']['destination'][];
  /** Filter pattern. */
  readonly pattern: string;
}

/**
 * What no metric of Firehose tells for every destination. Codes are those of "Monitor Amazon Data Firehose Using
 * CloudWatch Logs"; the fields of a line are from an example in "Troubleshooting HTTP endpoints".
 */
export const FIREHOSE_ERRORS: readonly FirehoseError[] = [
  {
    id: 'firehose-backup-errors', metric: 'FirehoseBackupErrors', destinations: ['splunk', 'relay'],
    about: 'Firehose cannot write to the backup bucket: its delivery stands still, and after 24 hours events are lost.',
    pattern: '{ $.errorCode = "S3.*" }',
  },
  {
    // A response of 413 ends the delivery of a request for good, without a copy in the backup bucket.
    id: 'firehose-too-large', metric: 'FirehoseRequestsTooLarge', destinations: ['relay'],
    about: 'Lambda refused a request of Firehose as too large: its events are on no bucket, and have to be read from the archive again.',
    pattern: '{ ($.errorCode = "HttpEndpoint.DestinationException") && ($.message = "*destination. 413*") }',
  },
];

/** Id of the request metrics of the backup bucket: of all objects. */
export const WRITES = 'EntireBucket';
