//! SQS standard queues. The test ends visibility timeouts; delays are ignored.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A message as a consumer receives it.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its id, the same each time.
    pub id: String,
    /// Its receipt handle, which is a new one each time.
    pub receipt: String,
    /// Its body.
    pub body: String,
    visible: bool,
}

#[derive(Default)]
pub(super) struct Queues {
    queues: BTreeMap<String, Vec<Message>>,
    count: u64,
}

impl Queues {
    pub(super) fn send(&mut self, queue: &str, body: &str) -> String {
        self.count += 1;
        let id = format!("message-{}", self.count);
        self.queue(queue).push(Message {
            id: id.clone(),
            receipt: String::new(),
            body: body.to_owned(),
            visible: true,
        });
        id
    }

    pub(super) fn receive(&mut self, queue: &str, limit: usize) -> Vec<Message> {
        self.count += 1;
        let count = self.count;
        let visible = self.queue(queue).iter_mut().filter(|m| m.visible);
        let received = visible.take(limit).map(|message| {
            message.visible = false;
            message.receipt = format!("{}/{count}", message.id);
            message.clone()
        });
        received.collect()
    }

    /// Receipt handles of earlier receives are accepted, as they usually are on a standard queue.
    pub(super) fn delete(&mut self, queue: &str, receipt: &str) {
        let id = receipt.split('/').next().unwrap_or_default();
        self.queue(queue).retain(|message| message.id != id);
    }

    pub(super) fn make_visible(&mut self, queue: &str) -> usize {
        let messages = self.queue(queue);
        for message in &mut *messages {
            message.visible = true;
        }
        messages.len()
    }

    /// The response to a call of SQS's JSON protocol.
    pub(super) fn answer(&mut self, target: &str, input: &Value) -> Option<Value> {
        let action = target.strip_prefix("AmazonSQS.")?;
        if action == "GetQueueUrl" {
            // Clients require an absolute URL, although they send every call to their endpoint.
            let url = format!("http://sqs/111122223333/{}", input["QueueName"].as_str()?);
            return Some(json!({ "QueueUrl": url }));
        }
        let queue = input["QueueUrl"].as_str()?.rsplit('/').next()?.to_owned();
        Some(match action {
            "SendMessage" => {
                let id = self.send(&queue, input["MessageBody"].as_str()?);
                json!({ "MessageId": id })
            }
            "ReceiveMessage" => {
                let limit = input["MaxNumberOfMessages"].as_u64().unwrap_or(1);
                let received = self.receive(&queue, usize::try_from(limit).ok()?);
                let messages = received.into_iter().map(|message| {
                    json!({ "MessageId": message.id, "ReceiptHandle": message.receipt, "Body": message.body })
                });
                json!({ "Messages": messages.collect::<Vec<_>>() })
            }
            "DeleteMessage" => {
                self.delete(&queue, input["ReceiptHandle"].as_str()?);
                json!({})
            }
            "ChangeMessageVisibilityBatch" => {
                self.change_visibility(&queue, input["Entries"].as_array()?)
            }
            "GetQueueAttributes" => self.attributes(&queue),
            _ => return None,
        })
    }

    fn change_visibility(&mut self, queue: &str, entries: &[Value]) -> Value {
        for entry in entries {
            let receipt = entry["ReceiptHandle"].as_str();
            let messages = self.queue(queue).iter_mut();
            for message in messages.filter(|message| Some(message.receipt.as_str()) == receipt) {
                message.visible = entry["VisibilityTimeout"] == 0;
            }
        }
        let successful: Vec<Value> = entries.iter().map(|e| json!({ "Id": e["Id"] })).collect();
        json!({ "Successful": successful, "Failed": [] })
    }

    fn attributes(&mut self, queue: &str) -> Value {
        let messages = self.queue(queue);
        let visible = messages.iter().filter(|message| message.visible).count();
        let in_flight = messages.len() - visible;
        json!({ "Attributes": {
            "ApproximateNumberOfMessages": visible.to_string(),
            "ApproximateNumberOfMessagesNotVisible": in_flight.to_string(),
            "ApproximateNumberOfMessagesDelayed": "0",
        }})
    }

    fn queue(&mut self, name: &str) -> &mut Vec<Message> {
        self.queues.entry(name.to_owned()).or_default()
    }
}
