//! Lambda function: CloudTrail events of EventBridge and CloudWatch Logs to the collector.

use event_forwarder::Service;

fn main() {
    runtime::lambda::run(
        "event-forwarder",
        "Sightline.NotForwarded",
        Service::start,
        Service::invoke,
    );
}
