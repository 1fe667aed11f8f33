//! The Lambda Runtime API, version 2018-06-01, for one process and one invocation at a time.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use hyper::{Method, Request, Response};

use crate::loopback::{Server, status};

/// The largest response body that Lambda accepts, in bytes.
pub(crate) const RESPONSE_LIMIT: usize = 6_291_556;

const BASE: &str = "/2018-06-01/runtime/";
const ARN: &str = "arn:aws:lambda:us-east-1:111122223333:function:under-test";

/// A request of the process to the API.
pub(crate) enum Report {
    /// It requests the next event, so that it has finished the previous one.
    Waiting,
    /// It cannot start; the body states the reason.
    InitError(Vec<u8>),
    /// The invocation of this id ended.
    Answer(String, Answer),
}

/// How the process ended an invocation.
pub(crate) enum Answer {
    Response(Vec<u8>),
    Error(Vec<u8>),
    TooLarge(usize),
}

/// One event to deliver.
pub(crate) struct Work {
    pub(crate) id: String,
    pub(crate) event: Bytes,
    pub(crate) deadline: SystemTime,
    /// The X-Ray header of the invocation.
    pub(crate) trace: String,
}

/// A running Runtime API.
pub(crate) struct RuntimeApi {
    // Dropped before the server: a request for the next event waits until this end is dropped.
    work: Sender<Work>,
    reports: Receiver<Report>,
    server: Server,
}

impl RuntimeApi {
    pub(crate) fn start() -> Self {
        let (work, queue) = channel();
        let (sink, reports) = channel();
        let state = RuntimeApiState {
            queue: Mutex::new(queue),
            sink,
            current: Mutex::new(None),
        };
        let server = Server::start(move |request| state.answer(request));
        Self {
            work,
            reports,
            server,
        }
    }

    pub(crate) fn authority(&self) -> String {
        self.server.authority()
    }

    pub(crate) fn send(&self, work: Work) {
        self.work
            .send(work)
            .expect("the server runs as long as this value");
    }

    /// The next report; `None` if there is none within this time.
    pub(crate) fn report(&self, within: Duration) -> Option<Report> {
        match self.reports.recv_timeout(within) {
            Ok(report) => Some(report),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                unreachable!("the server runs as long as this value")
            }
        }
    }
}

/// The state of the server: it receives events from the test and forwards the reports of the process.
struct RuntimeApiState {
    queue: Mutex<Receiver<Work>>,
    sink: Sender<Report>,
    current: Mutex<Option<String>>,
}

impl RuntimeApiState {
    fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let path = head.uri.path().strip_prefix(BASE).unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        match (&head.method, parts.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next(),
            (&Method::POST, ["invocation", id, "response"]) => self.response(id, &body),
            (&Method::POST, ["invocation", id, "error"]) => {
                self.end(id, Answer::Error(body.to_vec()), accepted())
            }
            (&Method::POST, ["init", "error"]) => {
                self.report(Report::InitError(body.to_vec()));
                accepted()
            }
            _ => error(404, "InvalidPath", "no such path"),
        }
    }

    fn next(&self) -> Response<Bytes> {
        self.report(Report::Waiting);
        let work = self
            .queue
            .lock()
            .expect("no holder of this lock panics")
            .recv();
        let Ok(work) = work else {
            return error(503, "Gone", "the test is over");
        };
        let deadline = work
            .deadline
            .duration_since(UNIX_EPOCH)
            .expect("a deadline lies after 1970");
        *self.current.lock().expect("no holder of this lock panics") = Some(work.id.clone());
        Response::builder()
            .header("Content-Type", "application/json")
            .header("Lambda-Runtime-Aws-Request-Id", work.id)
            .header(
                "Lambda-Runtime-Deadline-Ms",
                deadline.as_millis().to_string(),
            )
            .header("Lambda-Runtime-Invoked-Function-Arn", ARN)
            .header("Lambda-Runtime-Trace-Id", work.trace)
            .body(work.event)
            .expect("these headers are well-formed")
    }

    fn response(&self, id: &str, body: &Bytes) -> Response<Bytes> {
        if body.len() > RESPONSE_LIMIT {
            let refusal = error(
                413,
                "RequestEntityTooLarge",
                "Exceeded maximum allowed payload size (6291556 bytes).",
            );
            return self.end(id, Answer::TooLarge(body.len()), refusal);
        }
        self.end(id, Answer::Response(body.to_vec()), accepted())
    }

    /// Ends the running invocation. Any other id is rejected, so that each invocation is answered once.
    fn end(&self, id: &str, answer: Answer, reply: Response<Bytes>) -> Response<Bytes> {
        let mut current = self.current.lock().expect("no holder of this lock panics");
        if current.as_deref() != Some(id) {
            return error(
                400,
                "InvalidRequestID",
                "no invocation of this id is running",
            );
        }
        *current = None;
        self.report(Report::Answer(id.to_owned(), answer));
        reply
    }

    fn report(&self, report: Report) {
        // The test may have ended and dropped the receiver.
        let _nobody = self.sink.send(report);
    }
}

fn accepted() -> Response<Bytes> {
    status(202, "{\"status\":\"OK\"}\n")
}

fn error(code: u16, kind: &str, message: &str) -> Response<Bytes> {
    status(
        code,
        serde_json::json!({ "errorType": kind, "errorMessage": message }).to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loopback::send;

    const SOON: Duration = Duration::from_secs(5);

    fn post(api: &RuntimeApi, path: &str) -> u16 {
        let request = Request::post(format!("{BASE}{path}")).body(Bytes::from("{}"));
        let response = send(&api.authority(), request.unwrap());
        response.unwrap().status().as_u16()
    }

    #[test]
    fn a_response_is_accepted_once_and_for_the_running_invocation_only() {
        let api = RuntimeApi::start();
        api.send(Work {
            id: "running".into(),
            event: Bytes::from("{}"),
            deadline: SystemTime::now() + SOON,
            trace: "Root=1-0".into(),
        });
        let next = Request::get(format!("{BASE}invocation/next")).body(Bytes::new());
        let next = send(&api.authority(), next.unwrap()).unwrap();
        assert_eq!(next.headers()["Lambda-Runtime-Aws-Request-Id"], "running");
        assert!(matches!(api.report(SOON), Some(Report::Waiting)));

        assert_eq!(post(&api, "invocation/another/response"), 400);
        assert_eq!(post(&api, "invocation/running/response"), 202);
        assert_eq!(post(&api, "invocation/running/error"), 400);
        assert!(matches!(
            api.report(SOON),
            Some(Report::Answer(id, Answer::Response(_))) if id == "running"
        ));
        assert!(api.report(Duration::ZERO).is_none());
    }

    #[test]
    fn the_error_of_a_failed_start_is_reported() {
        let api = RuntimeApi::start();
        assert_eq!(post(&api, "init/error"), 202);
        assert!(matches!(api.report(SOON), Some(Report::InitError(body)) if body == b"{}"));
    }
}
