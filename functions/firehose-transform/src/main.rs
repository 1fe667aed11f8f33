//! Lambda function: Firehose data transformation.

mod service;
mod stream;

use service::Service;

fn main() {
    runtime::lambda::run(
        "firehose-transform",
        "Sightline.BadEvent",
        Service::start,
        Service::invoke,
    );
}
