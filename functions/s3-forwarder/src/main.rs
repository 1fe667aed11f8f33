//! Lambda function: CloudTrail log files in S3 to the collector.

use s3_forwarder::Service;

fn main() {
    runtime::lambda::run(
        "s3-forwarder",
        "Sightline.NotForwarded",
        Service::start,
        Service::invoke,
    );
}
