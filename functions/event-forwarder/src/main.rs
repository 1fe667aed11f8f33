//! Lambda function: CloudTrail events of EventBridge and CloudWatch Logs, forwarded to the collector.

mod service;

use service::Service;

fn main() {
    runtime::lambda::run(
        "event-forwarder",
        "Sightline.NotForwarded",
        Service::start,
        Service::invoke,
    );
}
