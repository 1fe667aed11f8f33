//! The configuration of the deployed services, where a mistake would lose events or allow access.

use scenarios::Emulator;
use scenarios::cloudtrail::{ADDRESS, PERSON};
use scenarios::function::{ACCOUNT, REGION};
use serde_json::{Value, json};

use crate::{BUCKET, LOG_GROUP, TOKEN};

/// The parts of a deployment that depend on how CloudWatch Logs reaches the collector.
pub(crate) struct Parts {
    functions: &'static [&'static str],
    /// Queues with their function and their visibility timeout in seconds.
    queues: &'static [(&'static str, &'static str, &'static str)],
    /// The destination of the subscription.
    destination: (&'static str, &'static str),
    /// Alarms of the routes.
    alarms: &'static [&'static str],
}

pub(crate) const FIREHOSE: Parts = Parts {
    functions: &[
        "event-forwarder",
        "firehose-relay",
        "firehose-transform",
        "s3-forwarder",
    ],
    queues: &[
        ("fast", "event-forwarder", "90"),
        ("s3", "s3-forwarder", "1800"),
    ],
    destination: ("firehose", "deliverystream/sightline"),
    alarms: &["silence-relay", "firehose-delivery"],
};

pub(crate) const DIRECT: Parts = Parts {
    functions: &["event-forwarder", "s3-forwarder", "subscription-forwarder"],
    queues: &[
        ("fast", "event-forwarder", "90"),
        ("s3", "s3-forwarder", "1800"),
        ("undelivered", "s3-forwarder", "1800"),
    ],
    destination: ("lambda", "function:sightline-subscription-forwarder:live"),
    alarms: &[
        "subscription-lost",
        "subscription-given-up",
        "subscription-late",
    ],
};

/// Asserts routes, queues, alarms and their connections.
pub(crate) fn everything(aws: &Emulator, parts: &Parts) {
    mappings(aws, parts);
    queues(aws, parts);
    rules(aws);
    subscription(aws, parts);
    if parts.destination.0 == "firehose" {
        stream(aws);
    } else {
        failures(aws);
    }
    notification(aws);
    alarms(aws, parts);
}

fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

fn mappings(aws: &Emulator, parts: &Parts) {
    let list = aws.lambda("GET", "/2015-03-31/event-source-mappings/");
    let list = list["EventSourceMappings"].as_array().expect("mappings");
    assert_eq!(list.len(), parts.queues.len());
    for (queue, function, _) in parts.queues {
        let source = arn("sqs", &format!("sightline-{queue}"));
        let found = list.iter().find(|one| one["EventSourceArn"] == source);
        let mapping = found.unwrap_or_else(|| panic!("no mapping of {queue}"));
        let function = format!("function:sightline-{function}:live");
        assert_eq!(mapping["FunctionArn"], arn("lambda", &function));
        assert_eq!(
            mapping["FunctionResponseTypes"],
            json!(["ReportBatchItemFailures"])
        );
        assert_eq!(mapping["ScalingConfig"]["MaximumConcurrency"], 2);
        assert_eq!(
            (&mapping["BatchSize"], &mapping["State"]),
            (&json!(10), &json!("Enabled"))
        );
    }
}

fn queues(aws: &Emulator, parts: &Parts) {
    for (queue, _, seconds) in parts.queues {
        let queue = format!("sightline-{queue}");
        let url = aws.call("AmazonSQS.GetQueueUrl", &json!({ "QueueName": queue }));
        let asked = json!({ "QueueUrl": url["QueueUrl"], "AttributeNames": ["All"] });
        let answer = aws.call("AmazonSQS.GetQueueAttributes", &asked);
        let attributes = &answer["Attributes"];
        let redrive = attributes["RedrivePolicy"].as_str().unwrap_or_default();
        assert!(
            redrive.contains(&arn("sqs", &format!("{queue}-dlq"))),
            "{attributes}"
        );
        assert_eq!(attributes["VisibilityTimeout"], *seconds);
        assert!(attributes["KmsMasterKeyId"].is_string(), "{attributes}");
    }
}

fn rules(aws: &Emulator) {
    let list = aws.call("AWSEvents.ListRules", &json!({}));
    let list = list["Rules"].as_array().expect("rules");
    assert!(!list.is_empty());
    for rule in list {
        assert_eq!(rule["State"], "ENABLED");
        let targets = aws.call(
            "AWSEvents.ListTargetsByRule",
            &json!({ "Rule": rule["Name"] }),
        );
        let [target] = targets["Targets"].as_array().expect("targets").as_slice() else {
            panic!("one target per rule: {targets}");
        };
        assert_eq!(target["Arn"], arn("sqs", "sightline-fast"));
        assert_eq!(
            target["DeadLetterConfig"]["Arn"],
            arn("sqs", "sightline-fast-rule-dlq")
        );
    }
}

fn subscription(aws: &Emulator, parts: &Parts) {
    let filters = aws.call(
        "Logs_20140328.DescribeSubscriptionFilters",
        &json!({ "logGroupName": LOG_GROUP }),
    );
    let filter = &filters["subscriptionFilters"][0];
    let (service, resource) = parts.destination;
    assert_eq!(filter["destinationArn"], arn(service, resource));
    assert_eq!(filter["filterPattern"], "");
}

/// The direct route: the permission to invoke, and the destination of a failed batch.
fn failures(aws: &Emulator) {
    let function = "/2015-03-31/functions/sightline-subscription-forwarder";
    let policy = aws.lambda("GET", &format!("{function}/policy?Qualifier=live"));
    let policy: Value =
        serde_json::from_str(policy["Policy"].as_str().expect("a policy")).expect("JSON");
    let [statement] = policy["Statement"]
        .as_array()
        .expect("statements")
        .as_slice()
    else {
        panic!("one statement: {policy}");
    };
    assert_eq!(statement["Principal"]["Service"], "logs.amazonaws.com");
    let source = &statement["Condition"]["ArnLike"]["AWS:SourceArn"];
    assert_eq!(*source, arn("logs", &format!("log-group:{LOG_GROUP}:*")));

    let path = function.replace("2015-03-31", "2019-09-25");
    let config = aws.lambda("GET", &format!("{path}/event-invoke-config?Qualifier=live"));
    let bucket = format!("arn:aws:s3:::sightline-undelivered-{ACCOUNT}-{REGION}");
    assert_eq!(
        config["DestinationConfig"]["OnFailure"]["Destination"],
        bucket
    );
    assert_eq!(config["MaximumRetryAttempts"], 2);
}

fn stream(aws: &Emulator) {
    let asked = json!({ "DeliveryStreamName": "sightline" });
    let answer = aws.call("Firehose_20150804.DescribeDeliveryStream", &asked);
    let stream = &answer["DeliveryStreamDescription"];
    assert_eq!(
        stream["DeliveryStreamEncryptionConfiguration"]["KeyType"],
        "CUSTOMER_MANAGED_CMK"
    );
    let endpoint = &stream["Destinations"][0]["HttpEndpointDestinationDescription"];
    let url = aws.lambda(
        "GET",
        "/2021-10-31/functions/sightline-firehose-relay/url?Qualifier=live",
    );
    assert_eq!(endpoint["EndpointConfiguration"]["Url"], url["FunctionUrl"]);
    assert_eq!(
        endpoint["BufferingHints"],
        json!({ "SizeInMBs": 1, "IntervalInSeconds": 5 })
    );
    assert_eq!(endpoint["S3BackupMode"], "FailedDataOnly");
}

fn notification(aws: &Emulator) {
    let notifications = aws.notifications(BUCKET);
    let queue = arn("sqs", "sightline-s3");
    for part in [queue.as_str(), "s3:ObjectCreated:*", "AWSLogs/", ".json.gz"] {
        assert!(notifications.contains(part), "{part}: {notifications}");
    }
}

fn alarm_list(aws: &Emulator) -> Vec<Value> {
    let asked = json!({ "MaxRecords": 100 });
    let answer = aws.call("GraniteServiceVersion20100801.DescribeAlarms", &asked);
    answer["MetricAlarms"].as_array().expect("alarms").clone()
}

fn alarms(aws: &Emulator, parts: &Parts) {
    let alarms = alarm_list(aws);
    let named = |name: &str| {
        let found = alarms
            .iter()
            .find(|alarm| alarm["AlarmName"] == format!("sightline-{name}"));
        found.unwrap_or_else(|| panic!("no alarm {name}"))
    };
    let topic = json!([arn("sns", "sightline-alarms")]);
    for alarm in &alarms {
        // Alarms of a group notify by their composite alarm.
        let actions = &alarm["AlarmActions"];
        assert!(*actions == topic || *actions == json!([]), "{alarm}");
    }
    let asked = json!({ "AlarmTypes": ["CompositeAlarm"], "MaxRecords": 100 });
    let answer = aws.call("GraniteServiceVersion20100801.DescribeAlarms", &asked);
    let composites = answer["CompositeAlarms"].as_array().expect("alarms");
    assert!(composites.len() >= 3, "{answer}");
    for alarm in composites {
        assert_eq!(alarm["AlarmActions"], topic, "{alarm}");
    }
    for function in parts.functions {
        for what in ["errors", "throttles", "duration"] {
            named(&format!("{function}-{what}"));
        }
    }
    for queue in [
        "fast-age",
        "s3-age",
        "fast-dlq-not-empty",
        "fast-rule-dlq-not-empty",
        "s3-dlq-not-empty",
    ] {
        named(queue);
    }
    for alarm in parts.alarms {
        named(alarm);
    }
    for route in [
        "silence-trail",
        "silence-stream",
        "silence-fast",
        "silence-s3",
    ] {
        assert_eq!(named(route)["TreatMissingData"], "missing", "{route}");
    }
}

/// The version that each function's alias refers to.
pub(crate) fn live_versions(aws: &Emulator) -> Vec<String> {
    let version = |function: &&str| {
        let path = format!("/2015-03-31/functions/sightline-{function}/aliases/live");
        let alias = aws.lambda("GET", &path);
        let version = alias["FunctionVersion"].as_str().expect("an alias");
        format!("{function} {version}")
    };
    FIREHOSE.functions.iter().map(version).collect()
}

/// The days for which a function's log lines are stored.
pub(crate) fn log_days(aws: &Emulator) -> u64 {
    let group = "/aws/lambda/sightline-event-forwarder";
    let list = aws.call(
        "Logs_20140328.DescribeLogGroups",
        &json!({ "logGroupNamePrefix": group }),
    );
    let days = list["logGroups"][0]["retentionInDays"].as_u64();
    days.expect("a log group with a retention")
}

/// Asserts that every function has logged, and that no log line contains a person or a secret.
pub(crate) fn logs_name_no_person(aws: &Emulator, parts: &Parts) {
    for function in parts.functions {
        let group = format!("/aws/lambda/sightline-{function}");
        let answer = aws.call(
            "Logs_20140328.FilterLogEvents",
            &json!({ "logGroupName": group }),
        );
        let log = answer["events"].to_string();
        assert!(log.contains("EventsIn"), "{function}: {log}");
        for secret in [PERSON, ADDRESS, TOKEN] {
            assert!(!log.contains(secret), "{function} logs {secret}");
        }
    }
}
