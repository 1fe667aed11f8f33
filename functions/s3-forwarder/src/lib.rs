//! Forwards CloudTrail log files in S3 to the collector.
//!
//! [`Invocation`] parses what an event asks for, [`Forward`] reads one object as it arrives and
//! delivers its records, and [`Service`] does so for every object of an invocation and answers.

mod batch;
mod event;
mod forward;
mod inflate;
mod key;
mod progress;
mod service;
mod task;

pub use batch::{BatchAnswer, BatchJob};
pub use event::{Found, Invocation, Message, UnknownEvent, UnknownRecord, tasks_in};
pub use forward::{End, Forward};
pub use inflate::{Broken, Chunks};
pub use service::Service;
pub use task::Task;
