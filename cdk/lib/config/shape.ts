/** One thing that is wrong with a configuration. */
export interface Problem {
  /** Which key, as a path: `siem.acks`. */
  readonly key: string;
  /** What is wrong with its value. */
  readonly fault: string;
  /** What is accepted instead. */
  readonly accepted: string;
}

/** Says what is wrong with the value under a key. */
export type Shape = (key: string, value: unknown) => Problem[];

function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}

function wrong(key: string, value: unknown, accepted: string): Problem[] {
  return [{ key, fault: `is ${shown(value)}`, accepted }];
}

export function text(pattern: RegExp, accepted: string): Shape {
  return (key, value) => (typeof value === 'string' && pattern.test(value) ? [] : wrong(key, value, accepted));
}

/** A text that matches and passes a test. */
export function tested(pattern: RegExp, test: (value: string) => boolean, accepted: string): Shape {
  return (key, value) => (typeof value === 'string' && pattern.test(value) && test(value) ? [] : wrong(key, value, accepted));
}

export function number(least: number, most: number, only?: readonly number[]): Shape {
  const accepted = only ? `one of ${only.join(', ')}` : `a whole number from ${least} to ${most}`;
  return (key, value) => {
    const fits = Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
    return fits && (!only || only.includes(value as number)) ? [] : wrong(key, value, accepted);
  };
}

export const boolean: Shape = (key, value) => (typeof value === 'boolean' ? [] : wrong(key, value, 'true or false'));

export function words(...accepted: (string | boolean)[]): Shape {
  return (key, value) => (accepted.includes(value as string | boolean) ? [] : wrong(key, value, accepted.join(', ')));
}

/** A list with at least one element, each of them once unless they may repeat. */
export function list(of: Shape, repeats: 'once' | 'repeated' = 'once'): Shape {
  return (key, value) => {
    if (!Array.isArray(value) || value.length === 0) {
      return wrong(key, value, 'a list with at least one element; leave it out where there is none');
    }
    const twice = value.filter((element, at) => value.indexOf(element) !== at);
    const again = twice.map((element) => ({ key, fault: `has ${shown(element)} twice`, accepted: 'each element once' }));
    return [...value.flatMap((element, at) => of(`${key}[${at}]`, element)), ...(repeats === 'once' ? again : [])];
  };
}

export function object(members: Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape {
  return (key, value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return wrong(key || 'the configuration', value, `an object with ${Object.keys(members).join(', ')}`);
    }
    const under = (member: string) => (key ? `${key}.${member}` : member);
    const given = Object.entries(value).filter(([, content]) => content !== undefined);
    const missing = required.filter((member) => !given.some(([name]) => name === member));
    return [
      ...missing.map((member) => {
        const probe = members[member]?.(under(member), undefined)[0];
        return { key: under(member), fault: 'is missing', accepted: probe?.accepted ?? 'a value' };
      }),
      ...given.flatMap(([member, content]) => {
        const shape = Object.hasOwn(members, member) ? members[member] : undefined;
        if (shape) return shape(under(member), content);
        return [{ key: under(member), fault: 'is no key', accepted: Object.keys(members).join(', ') }];
      }),
    ];
  };
}

/** The first shape where the value has the member (or is the word) `mark`, else by kind. */
export function either(mark: string, first: Shape, second: Shape): Shape {
  return (key, value) => {
    const marked = typeof value === 'object' && value !== null && !Array.isArray(value) && mark in value;
    return (marked || typeof value === 'string' ? first : second)(key, value);
  };
}

const OWN_LISTS = [
  'log_buckets', 'log_groups', 'kms_key_ids', 'lambda_functions', 'firehose_streams', 'kinesis_streams', 'sqs_queues',
  'sns_topics', 'eventbridge_rules', 'secrets', 'ssm_parameters', 'subscription_filters', 'subscription_destination_arn',
  'iam_roles', 'event_source_mapping_uuids', 'alarms', 'metric_filters', 'codedeploy_applications', 'dynamodb_tables',
];

/** The keys of `OWN_RESOURCES`. */
export function record(): Shape {
  const names = list(text(/\S/, 'a name'));
  const days = number(1, 36_500);
  return object({
    ...Object.fromEntries(OWN_LISTS.map((key) => [key, names])),
    min_log_retention_days: days,
    min_bucket_expiration_days: days,
  });
}
