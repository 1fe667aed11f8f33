//! How a fault changes the handling of a request.

use std::time::Duration;

use hyper::StatusCode;

use super::memory::Fate;
use super::objects::RejectedObject;
use super::reply::Reply;
use super::{Fault, ReplyCode};

/// The handling of one request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Handling {
    /// The normal checks, with these deviations.
    Normal(Deviations),
    /// This reply, without checks.
    Reply(Reply),
    /// No reply: the connection is dropped while the body is being sent.
    Drop,
    /// No reply: the collector restarts.
    Restart,
}

/// Deviations from the normal handling.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Deviations {
    /// Pause before the checks.
    pub(super) delay: Duration,
    /// Stop before this object.
    pub(super) stop: Option<RejectedObject>,
    /// What happens to the events.
    pub(super) fate: Fate,
    /// Whether the connection is dropped after indexing.
    pub(super) drop_reply: bool,
    /// The code of a success.
    pub(super) success: ReplyCode,
}

impl Default for Deviations {
    fn default() -> Self {
        Self {
            delay: Duration::ZERO,
            stop: None,
            fate: Fate::Indexed { acknowledged: true },
            drop_reply: false,
            success: ReplyCode::Success,
        }
    }
}

impl Handling {
    pub(super) fn of(fault: Option<Fault>) -> Self {
        let stop = |code, number| {
            Self::Normal(Deviations {
                stop: Some(RejectedObject { code, number }),
                ..Deviations::default()
            })
        };
        match fault {
            None => Self::Normal(Deviations::default()),
            Some(Fault::Slow(delay)) => Self::Normal(Deviations {
                delay,
                ..Deviations::default()
            }),
            Some(Fault::NeverAck) => Self::Normal(Deviations {
                fate: Fate::Indexed {
                    acknowledged: false,
                },
                ..Deviations::default()
            }),
            Some(Fault::ResetAfterIndexing) => Self::Normal(Deviations {
                drop_reply: true,
                ..Deviations::default()
            }),
            Some(Fault::SuccessAs(success)) => Self::Normal(Deviations {
                success,
                ..Deviations::default()
            }),
            Some(Fault::InvalidAt(number)) => stop(ReplyCode::InvalidDataFormat, number),
            Some(Fault::BusyAt(number)) => stop(ReplyCode::ServerBusy, number),
            Some(Fault::IndexedAfter(time)) => Self::Normal(Deviations {
                fate: Fate::Held(time),
                ..Deviations::default()
            }),
            Some(Fault::BusyAtInMemory(number)) => Self::Normal(Deviations {
                stop: Some(RejectedObject {
                    code: ReplyCode::ServerBusy,
                    number,
                }),
                fate: Fate::Held(None),
                ..Deviations::default()
            }),
            Some(Fault::Restart) => Self::Restart,
            Some(Fault::ResetMidBody) => Self::Drop,
            Some(Fault::BusyCode9) => Self::Reply(Reply::Code(ReplyCode::ServerBusy)),
            Some(Fault::Reply(code)) => Self::Reply(Reply::Code(code)),
            Some(Fault::WrongIndex) => Self::Reply(Reply::At(ReplyCode::IncorrectIndex, 1)),
            Some(Fault::TooLarge) => Self::Reply(Reply::Html(StatusCode::PAYLOAD_TOO_LARGE)),
            Some(Fault::HtmlOk) => Self::Reply(Reply::Html(StatusCode::OK)),
            Some(Fault::Status {
                status,
                retry_after,
            }) => Self::Reply(Reply::Bare(final_status(status), retry_after)),
        }
    }
}

/// The requested status if it ends a request, else 500.
fn final_status(status: u16) -> StatusCode {
    match StatusCode::from_u16(status) {
        Ok(valid) if (200..600).contains(&status) => valid,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
