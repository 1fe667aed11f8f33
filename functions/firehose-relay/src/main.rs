//! Firehose's HTTP-endpoint delivery as a Lambda function behind a URL.

use firehose_relay::service::Service;

fn main() {
    runtime::lambda::run(
        "firehose-relay",
        "Sightline.BadEvent",
        Service::start,
        Service::invoke,
    );
}
