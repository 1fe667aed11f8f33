//! Lambda function: CloudTrail log files in S3, forwarded to the collector.

mod service;

use service::Service;

fn main() {
    runtime::lambda::run(
        "s3-forwarder",
        "Sightline.NotForwarded",
        Service::start,
        Service::invoke,
    );
}
