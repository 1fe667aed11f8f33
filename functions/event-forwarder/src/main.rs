//! CloudTrail events to the collector at once, as a Lambda function.

use event_forwarder::Service;

fn main() {
    lambda::run(
        "event-forwarder",
        "Sightline.NotForwarded",
        Service::start,
        Service::invoke,
    );
}
