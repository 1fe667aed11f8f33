//! What the services report of the deployment, as far as a loss would cost events or open a door.

use scenarios::Emulator;
use scenarios::cloudtrail::{ADDRESS, PERSON};
use scenarios::function::{ACCOUNT, REGION};
use serde_json::{Value, json};

use crate::{BUCKET, LOG_GROUP, TOKEN};

const FUNCTIONS: [&str; 4] = [
    "event-forwarder",
    "firehose-relay",
    "firehose-transform",
    "s3-forwarder",
];

/// Asserts routes, queues, alarms and their connections.
pub(crate) fn everything(aws: &Emulator) {
    mappings(aws);
    queues(aws);
    rules(aws);
    stream(aws);
    notification(aws);
    alarms(aws);
}

fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

fn mappings(aws: &Emulator) {
    let list = aws.lambda("GET", "/2015-03-31/event-source-mappings/");
    let list = list["EventSourceMappings"].as_array().expect("mappings");
    assert_eq!(list.len(), 2);
    for (queue, function) in [
        ("sightline-fast", "event-forwarder"),
        ("sightline-s3", "s3-forwarder"),
    ] {
        let found = list
            .iter()
            .find(|one| one["EventSourceArn"] == arn("sqs", queue));
        let mapping = found.unwrap_or_else(|| panic!("no mapping of {queue}"));
        let function = format!("function:sightline-{function}");
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

fn queues(aws: &Emulator) {
    for (queue, seconds) in [("sightline-fast", "90"), ("sightline-s3", "1800")] {
        let url = aws.call("AmazonSQS.GetQueueUrl", &json!({ "QueueName": queue }));
        let asked = json!({ "QueueUrl": url["QueueUrl"], "AttributeNames": ["All"] });
        let answer = aws.call("AmazonSQS.GetQueueAttributes", &asked);
        let attributes = &answer["Attributes"];
        let redrive = attributes["RedrivePolicy"].as_str().unwrap_or_default();
        assert!(
            redrive.contains(&arn("sqs", &format!("{queue}-dlq"))),
            "{attributes}"
        );
        assert_eq!(attributes["VisibilityTimeout"], seconds);
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
            panic!("one target a rule: {targets}");
        };
        assert_eq!(target["Arn"], arn("sqs", "sightline-fast"));
        assert_eq!(
            target["DeadLetterConfig"]["Arn"],
            arn("sqs", "sightline-fast-rule-dlq")
        );
    }
}

fn stream(aws: &Emulator) {
    let filters = aws.call(
        "Logs_20140328.DescribeSubscriptionFilters",
        &json!({ "logGroupName": LOG_GROUP }),
    );
    let filter = &filters["subscriptionFilters"][0];
    assert_eq!(
        filter["destinationArn"],
        arn("firehose", "deliverystream/sightline")
    );
    assert_eq!(filter["filterPattern"], "");

    let asked = json!({ "DeliveryStreamName": "sightline" });
    let answer = aws.call("Firehose_20150804.DescribeDeliveryStream", &asked);
    let stream = &answer["DeliveryStreamDescription"];
    assert_eq!(
        stream["DeliveryStreamEncryptionConfiguration"]["KeyType"],
        "CUSTOMER_MANAGED_CMK"
    );
    let endpoint = &stream["Destinations"][0]["HttpEndpointDestinationDescription"];
    let url = aws.lambda("GET", "/2021-10-31/functions/sightline-firehose-relay/url");
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

fn alarms(aws: &Emulator) {
    let alarms = alarm_list(aws);
    let named = |name: &str| {
        let found = alarms
            .iter()
            .find(|alarm| alarm["AlarmName"] == format!("sightline-{name}"));
        found.unwrap_or_else(|| panic!("no alarm {name}"))
    };
    for alarm in &alarms {
        assert_eq!(
            alarm["AlarmActions"],
            json!([arn("sns", "sightline-alarms")]),
            "{alarm}"
        );
    }
    for function in FUNCTIONS {
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
    for route in [
        "silence-trail",
        "silence-stream",
        "silence-relay",
        "silence-fast",
        "silence-s3",
    ] {
        assert_eq!(named(route)["TreatMissingData"], "breaching", "{route}");
    }
}

/// The days for which a function's log lines are kept.
pub(crate) fn log_days(aws: &Emulator) -> u64 {
    let group = "/aws/lambda/sightline-event-forwarder";
    let list = aws.call(
        "Logs_20140328.DescribeLogGroups",
        &json!({ "logGroupNamePrefix": group }),
    );
    let days = list["logGroups"][0]["retentionInDays"].as_u64();
    days.expect("a log group with a retention")
}

/// Asserts that every function has logged, and neither a person nor a secret.
pub(crate) fn nobody_is_logged(aws: &Emulator) {
    for function in FUNCTIONS {
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
