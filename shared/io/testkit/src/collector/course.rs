//! What a fault makes of a request.

use std::time::Duration;

use hyper::StatusCode;

use super::memory::Fate;
use super::objects::RejectedObject;
use super::reply::Reply;
use super::{Fault, ReplyCode};

/// The course of one request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// The usual checks, with these deviations.
    Usual(Deviations),
    /// This reply instead of any check.
    Instead(Reply),
    /// No reply: the connection is dropped while the body is on its way.
    Drop,
    /// No reply: the collector restarts.
    Restart,
}

/// Deviations from the usual course.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Deviations {
    /// Wait this long first.
    pub(super) delay: Duration,
    /// Stop before this object.
    pub(super) stop: Option<RejectedObject>,
    /// Where the events go.
    pub(super) fate: Fate,
    /// Index, then drop the connection.
    pub(super) drop_reply: bool,
    /// What a success is called.
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

impl Course {
    pub(super) fn of(fault: Option<Fault>) -> Self {
        let stop = |code, number| {
            Self::Usual(Deviations {
                stop: Some(RejectedObject { code, number }),
                ..Deviations::default()
            })
        };
        match fault {
            None => Self::Usual(Deviations::default()),
            Some(Fault::Slow(delay)) => Self::Usual(Deviations {
                delay,
                ..Deviations::default()
            }),
            Some(Fault::NeverAck) => Self::Usual(Deviations {
                fate: Fate::Indexed {
                    acknowledged: false,
                },
                ..Deviations::default()
            }),
            Some(Fault::ResetAfterIndexing) => Self::Usual(Deviations {
                drop_reply: true,
                ..Deviations::default()
            }),
            Some(Fault::SuccessAs(success)) => Self::Usual(Deviations {
                success,
                ..Deviations::default()
            }),
            Some(Fault::InvalidAt(number)) => stop(ReplyCode::InvalidDataFormat, number),
            Some(Fault::BusyAt(number)) => stop(ReplyCode::ServerBusy, number),
            Some(Fault::IndexedAfter(time)) => Self::Usual(Deviations {
                fate: Fate::Held(time),
                ..Deviations::default()
            }),
            Some(Fault::BusyAtInMemory(number)) => Self::Usual(Deviations {
                stop: Some(RejectedObject {
                    code: ReplyCode::ServerBusy,
                    number,
                }),
                fate: Fate::Held(None),
                ..Deviations::default()
            }),
            Some(Fault::Restart) => Self::Restart,
            Some(Fault::ResetMidBody) => Self::Drop,
            Some(Fault::BusyCode9) => Self::Instead(Reply::Code(ReplyCode::ServerBusy)),
            Some(Fault::Reply(code)) => Self::Instead(Reply::Code(code)),
            Some(Fault::WrongIndex) => Self::Instead(Reply::At(ReplyCode::IncorrectIndex, 1)),
            Some(Fault::TooLarge) => Self::Instead(Reply::Html(StatusCode::PAYLOAD_TOO_LARGE)),
            Some(Fault::HtmlOk) => Self::Instead(Reply::Html(StatusCode::OK)),
            Some(Fault::Status {
                status,
                retry_after,
            }) => Self::Instead(Reply::Bare(final_status(status), retry_after)),
        }
    }
}

/// The status as asked for, if it ends a request.
fn final_status(status: u16) -> StatusCode {
    match StatusCode::from_u16(status) {
        Ok(valid) if (200..600).contains(&status) => valid,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
