//! What invokes a function, unwrapped once for all of them.
//!
//! [`Trigger::parse`] removes the layers of SQS and SNS and parses the content as a [`Payload`]:
//! [`EventText`] for CloudTrail events of EventBridge and CloudWatch Logs, [`ObjectTask`] for objects
//! in S3. Every record is deserialized separately, so that one that cannot be parsed fails alone.
//! [`HttpRequest`] is a request to a function URL.
//!
//! SQS messages have the type of `aws_lambda_events`. Its other types do not fit:
//!
//! | source | why its type is not used |
//! |---|---|
//! | SNS | `SnsMessage` requires nine fields, one of them a date; only `Message` is read here |
//! | S3 | feature `s3` depends on `http`; `S3EventRecord` requires a date and the caller's identity |
//! | S3 Batch Operations | `S3BatchJobTask` lacks `s3Bucket` of schema 2.0 |
//! | EventBridge | `EventBridgeEvent` parses `detail` into a tree; the event is forwarded as it is written |
//! | CloudWatch Logs | `AwsLogs` inflates and parses `data` at once, and fails as a whole |
//! | function URLs | feature `lambda_function_urls` depends on `http`; one odd header would refuse the request |

mod batch_job;
mod event_text;
mod http;
mod json;
mod object_events;
mod object_key;
mod object_task;
mod payload;
mod trigger;

pub use aws_lambda_events::sqs::SqsBatchResponse;
pub use batch_job::{BatchJob, BatchResponse, TaskResult};
pub use event_text::EventText;
pub use http::{HttpBodyError, HttpRequest, HttpResponse, NotHttpError};
pub use object_task::{MAX_HOPS, ObjectTask};
pub use payload::{Content, Payload, TriggerError, UnparsedRecord};
pub use trigger::{QueueMessage, Trigger, failed_invocation_payload};
