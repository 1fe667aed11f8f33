import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';

/** Resources of the pipeline whose data events must not be recorded. */
export interface OwnResources {
  readonly ownBuckets: readonly string[];
  readonly ownFunctions: readonly string[];
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/**
 * All management events, and the configured data events except those of the pipeline itself, each of which would cause
 * another.
 */
export function selectors(dataEvents: readonly ('s3' | 'lambda')[], own: OwnResources): CfnTrail.AdvancedEventSelectorProperty[] {
  const category = (name: string) => ({ field: 'eventCategory', equalTo: [name] });
  const all: CfnTrail.AdvancedEventSelectorProperty[] = [{ name: 'Management', fieldSelectors: [category('Management')] }];
  if (dataEvents.includes('s3')) {
    all.push({
      name: 'S3 objects except those of the pipeline',
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
      name: 'Functions except those of the pipeline',
      fieldSelectors: [
        category('Data'),
        { field: 'resources.type', equalTo: ['AWS::Lambda::Function'] },
        {
          field: 'resources.ARN',
          // The function with all its versions and aliases: it is not documented which of them CloudTrail records, and each
          // recorded invocation would cause another. Not by a prefix of the name: other functions may have similar names.
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
