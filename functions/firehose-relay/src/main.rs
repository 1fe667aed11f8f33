//! Lambda function behind a URL: relays Firehose's HTTP-endpoint delivery to a collector.

use firehose_relay::Service;

fn main() {
    runtime::lambda::run(
        "firehose-relay",
        "Sightline.BadEvent",
        Service::start,
        Service::invoke,
    );
}
