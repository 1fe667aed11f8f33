//! Forwards CloudTrail log files in S3 to the collector.
//!
//! [`Invocation`] tells what an event asks for, [`Forward`] reads one object as it arrives and
//! delivers its records, [`Service`] does so for all of an invocation and answers.

mod batch;
mod event;
mod forward;
mod inflate;
mod key;
mod reading;
mod service;
mod task;

pub use batch::{BatchAnswer, BatchJob};
pub use event::{Found, Invocation, Message, UnknownEvent, UnknownRecord, tasks_in};
pub use forward::{End, Forward};
pub use inflate::{Broken, Chunks};
pub use service::Service;
pub use task::Task;
