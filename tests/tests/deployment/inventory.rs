//! All resources in the account, by kind and name.

use std::collections::BTreeSet;

use scenarios::Emulator;
use scenarios::emulator::texts;
use serde_json::{Value, json};

use crate::LOG_GROUP;

/// Every resource of the kinds that Sightline creates, including those of the CDK. Keys that are scheduled for
/// deletion and deleted stacks are omitted.
pub(crate) fn inventory(aws: &Emulator) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut add = |kind: &str, names: Vec<String>| {
        all.extend(names.into_iter().map(|name| format!("{kind} {name}")));
    };
    add("bucket", aws.buckets());
    add(
        "queue",
        listed(aws, "AmazonSQS.ListQueues", "QueueUrls", ""),
    );
    let lambda = |path: &str, key: &str, name: &str| names_in(&aws.lambda("GET", path)[key], name);
    add(
        "function",
        lambda("/2015-03-31/functions/", "Functions", "FunctionName"),
    );
    let mappings = "/2015-03-31/event-source-mappings/";
    add("mapping", lambda(mappings, "EventSourceMappings", "UUID"));
    let iam = |action, more| aws.query("iam", "2010-05-08", action, more);
    add(
        "role",
        texts(&iam("ListRoles", "&MaxItems=1000"), "RoleName"),
    );
    add("policy", texts(&iam("ListPolicies", "&Scope=Local"), "Arn"));
    for (kind, target, key, name) in JSON {
        add(kind, listed(aws, target, key, name));
    }
    add("filter", filters(aws));
    add("key", keys(aws, "Enabled"));
    add(
        "topic",
        texts(
            &aws.query("sns", "2010-03-31", "ListTopics", ""),
            "TopicArn",
        ),
    );
    add("stack", stacks(aws));
    all
}

/// Lists of services with a JSON protocol: operation, key of the list, key of the names.
const JSON: [(&str, &str, &str, &str); 6] = [
    (
        "log group",
        "Logs_20140328.DescribeLogGroups",
        "logGroups",
        "logGroupName",
    ),
    (
        "stream",
        "Firehose_20150804.ListDeliveryStreams",
        "DeliveryStreamNames",
        "",
    ),
    ("rule", "AWSEvents.ListRules", "Rules", "Name"),
    ("secret", "secretsmanager.ListSecrets", "SecretList", "Name"),
    ("alias", "TrentService.ListAliases", "Aliases", "AliasName"),
    (
        "alarm",
        "GraniteServiceVersion20100801.DescribeAlarms",
        "MetricAlarms",
        "AlarmName",
    ),
];

/// The ids of the keys in this state.
pub(crate) fn keys(aws: &Emulator, state: &str) -> Vec<String> {
    let ids = listed(aws, "TrentService.ListKeys", "Keys", "KeyId");
    let is = |id: &String| {
        let key = aws.call("TrentService.DescribeKey", &json!({ "KeyId": id }));
        key["KeyMetadata"]["KeyState"] == state
    };
    ids.into_iter().filter(is).collect()
}

fn filters(aws: &Emulator) -> Vec<String> {
    let answer = aws.call(
        "Logs_20140328.DescribeSubscriptionFilters",
        &json!({ "logGroupName": LOG_GROUP }),
    );
    names_in(&answer["subscriptionFilters"], "filterName")
}

fn stacks(aws: &Emulator) -> Vec<String> {
    let answer = aws.query("cloudformation", "2010-05-15", "ListStacks", "");
    let names = texts(&answer, "StackName");
    let states = texts(&answer, "StackStatus");
    assert_eq!(names.len(), states.len(), "{answer}");
    let there = names.into_iter().zip(states);
    there
        .filter(|(_, state)| state != "DELETE_COMPLETE")
        .map(|(name, _)| name)
        .collect()
}

/// The names in a list without pages.
fn listed(aws: &Emulator, target: &str, key: &str, name: &str) -> Vec<String> {
    let mut input = json!({});
    if target.ends_with("DescribeAlarms") {
        input = json!({ "MaxRecords": 100 });
    }
    names_in(&aws.call(target, &input)[key], name)
}

fn names_in(list: &Value, name: &str) -> Vec<String> {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |item: &Value| {
        let found = if name.is_empty() { item } else { &item[name] };
        found.as_str().map(str::to_owned)
    };
    items.iter().filter_map(text).collect()
}
