//! Lambda function: Firehose data transformation.

mod service;

use service::Service;

fn main() {
    runtime::lambda::run(
        "firehose-transform",
        "Sightline.BadEvent",
        Service::start,
        Service::invoke,
    );
}
