//! The parts of AWS that the functions and the CLI call, in memory: queues whose visibility timeouts
//! the test ends, buckets, a delivery stream and secrets.
//!
//! The emulator is closer to AWS. This one is for runs in which processes are killed: it starts
//! immediately, and every call is a step at which a process can be killed.

mod buckets;
mod queues;
mod stream;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use hyper::{Request, Response};
use serde_json::{Value, json};

use crate::loopback::{Server, status};
use crate::process::Steps;
use buckets::Buckets;
pub use queues::Message;
use queues::Queues;

/// The token of the collector, the value of every secret except for the mask key.
pub const TOKEN: &str = "t0ken";

/// The secret of this name holds a mask key.
pub const MASK_SECRET: &str = "mask";

const MASK_KEY: &str = r#"{"key_id":"k1","key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#;

/// A running cloud. It ends with this value.
pub struct Cloud {
    state: Arc<Mutex<State>>,
    server: Server,
}

#[derive(Default)]
struct State {
    queues: Queues,
    buckets: Buckets,
    /// Records of the delivery stream.
    stream: Vec<Vec<u8>>,
}

impl Cloud {
    /// An empty cloud. Each call counts as two of `steps`: before and after its effect.
    #[must_use]
    pub fn start(steps: Steps) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| {
            steps.step();
            let response = lock(&shared).answer(&request);
            steps.step();
            response
        });
        Self { state, server }
    }

    /// Its address, for `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The URL of the queue of this name.
    #[must_use]
    pub fn queue_url(&self, name: &str) -> String {
        format!("{}/111122223333/{name}", self.url())
    }

    /// Puts a message onto a queue.
    pub fn send(&self, queue: &str, body: &str) {
        lock(&self.state).queues.send(queue, body);
    }

    /// Receives up to ten messages of a queue, which become invisible.
    #[must_use]
    pub fn receive(&self, queue: &str) -> Vec<Message> {
        lock(&self.state).queues.receive(queue, 10)
    }

    /// Deletes a received message.
    pub fn delete(&self, queue: &str, message: &Message) {
        lock(&self.state).queues.delete(queue, &message.receipt);
    }

    /// Ends the visibility timeouts of all messages of a queue, and returns how many messages it
    /// holds.
    pub fn make_visible(&self, queue: &str) -> usize {
        lock(&self.state).queues.make_visible(queue)
    }

    /// Puts an object into a bucket.
    pub fn put_object(&self, bucket: &str, key: &str, content: Vec<u8>) {
        lock(&self.state).buckets.put(bucket, key, content.into());
    }

    /// The keys of all objects of a bucket.
    #[must_use]
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        lock(&self.state).buckets.keys(bucket, "")
    }

    /// Removes and returns the records of the delivery stream.
    #[must_use]
    pub fn take_stream(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut lock(&self.state).stream)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn answer(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let target = request.headers().get("x-amz-target");
        let Some(target) = target.and_then(|target| target.to_str().ok()) else {
            return self.buckets.answer(request);
        };
        let input: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let answer = match target {
            "secretsmanager.GetSecretValue" => Some(secret(&input)),
            "Firehose_20150804.PutRecordBatch" => stream::put(&mut self.stream, &input),
            _ => self.queues.answer(target, &input),
        };
        match answer {
            Some(answer) => status(200, answer.to_string()),
            None => status(400, r#"{"__type":"InvalidAction"}"#),
        }
    }
}

fn secret(input: &Value) -> Value {
    let value = if input["SecretId"] == MASK_SECRET {
        MASK_KEY
    } else {
        TOKEN
    };
    json!({ "SecretString": value })
}
