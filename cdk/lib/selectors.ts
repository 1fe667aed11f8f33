import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';

/** What the pipeline owns and must not record. */
export interface Own {
  readonly ownBuckets: readonly string[];
  readonly ownFunctions: readonly string[];
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/**
 * All management events, and the data events that are asked for but those of the pipeline
 * itself: each would be an event that makes the next one.
 */
export function selectors(dataEvents: readonly ('s3' | 'lambda')[], own: Own): CfnTrail.AdvancedEventSelectorProperty[] {
  const category = (name: string) => ({ field: 'eventCategory', equalTo: [name] });
  const all: CfnTrail.AdvancedEventSelectorProperty[] = [{ name: 'Management', fieldSelectors: [category('Management')] }];
  if (dataEvents.includes('s3')) {
    all.push({
      name: 'S3 objects but those of the pipeline',
      fieldSelectors: [
        category('Data'),
        { field: 'resources.type', equalTo: ['AWS::S3::Object'] },
        { field: 'resources.ARN', notStartsWith: own.ownBuckets.map((name) => `arn:${own.partition}:s3:::${name}/`) },
      ],
    });
  }
  if (dataEvents.includes('lambda')) {
    const functions = own.ownFunctions.map((name) => `arn:${own.partition}:lambda:${own.region}:${own.account}:function:${name}`);
    all.push({
      name: 'Functions but those of the pipeline',
      fieldSelectors: [
        category('Data'),
        { field: 'resources.type', equalTo: ['AWS::Lambda::Function'] },
        {
          field: 'resources.ARN',
          // The function, and every version and alias of it: CloudTrail does not say which of them it records, and one of
          // ours that is recorded causes the next. Not by a prefix of the name: another function may have a similar one.
          // CloudTrail excludes an event if one of these conditions matches (CloudTrail User Guide, "Filtering data events
          // by using advanced event selectors", how CloudTrail evaluates multiple conditions for a field).
          notEquals: functions,
          notStartsWith: functions.map((arn) => `${arn}:`),
        },
      ],
    });
  }
  return all;
}
