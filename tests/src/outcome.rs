//! The outcome of an invocation.

use crate::runtime_api::Answer;

/// The outcome of one invocation.
#[derive(Debug)]
pub enum Outcome {
    /// The function responded with this body.
    Response(Vec<u8>),
    /// The function reported an error with this body (`errorType`, `errorMessage`).
    Error(Vec<u8>),
    /// The function responded with a body of this many bytes, more than the service accepts, and got a 413.
    TooLarge(usize),
    /// The process ended: its exit code (`None` after a signal), and the end of its output.
    Exited(Option<i32>, String),
    /// The deadline passed, and the process was killed as by the service: the end of its output.
    TimedOut(String),
}

impl Outcome {
    /// The body of the response.
    ///
    /// # Panics
    /// For any other outcome, which the message shows.
    pub fn response(self) -> Vec<u8> {
        match self {
            Self::Response(body) => body,
            other => panic!("expected a response, got {}", other.shown()),
        }
    }

    /// The body of the error.
    ///
    /// # Panics
    /// For any other outcome, which the message shows.
    pub fn error(self) -> Vec<u8> {
        match self {
            Self::Error(body) => body,
            other => panic!("expected an error, got {}", other.shown()),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Response(body) => format!("a response: {}", tail(body)),
            Self::Error(body) => format!("an error: {}", tail(body)),
            Self::TooLarge(size) => {
                format!("a response of {size} bytes, more than the service takes")
            }
            Self::Exited(code, output) => format!("the end of the process ({code:?}): {output}"),
            Self::TimedOut(output) => format!("a time-out: {output}"),
        }
    }
}

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Response(body) => Self::Response(body),
            Answer::Error(body) => Self::Error(body),
            Answer::TooLarge(size) => Self::TooLarge(size),
        }
    }
}

/// The end of these bytes as text, for the message of a failed test.
pub(crate) fn tail(bytes: &[u8]) -> String {
    const SHOWN: usize = 4000;
    String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(SHOWN)..]).into_owned()
}
