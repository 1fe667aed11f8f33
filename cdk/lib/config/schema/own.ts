import type { ZodType } from 'zod';
import { list, object, text, wholeNumber } from '../kinds';

/** The lists of `OWN_RESOURCES`. */
const LISTS = [
  'log_buckets', 'log_groups', 'kms_key_ids', 'lambda_functions', 'firehose_streams', 'kinesis_streams', 'sqs_queues',
  'sns_topics', 'eventbridge_rules', 'secrets', 'ssm_parameters', 'subscription_filters', 'subscription_destination_arn',
  'iam_roles', 'event_source_mapping_uuids', 'alarms', 'metric_filters', 'codedeploy_applications', 'dynamodb_tables',
];
const DAYS = ['min_log_retention_days', 'min_bucket_expiration_days'];

type Values = string[] | number | undefined;
type Shape = Record<string, ZodType<Values, Values>>;

const NAMES = list(text(/\S/, 'a name')).optional();
const PERIOD = wholeNumber(1, 36_500).optional();

const SHAPE: Shape = Object.fromEntries([
  ...LISTS.map((key) => [key, NAMES] as const),
  ...DAYS.map((key) => [key, PERIOD] as const),
]);

/** Protected resources, by the keys of `OWN_RESOURCES`. */
export const OWN = object(SHAPE);
